//! The local `PortOne`, held against the vendor's schemas and against what the references say it does.

#[cfg(test)]
#[path = "sandbox/common.rs"]
mod common;
#[cfg(test)]
#[path = "sandbox/fuzz.rs"]
mod fuzz;
#[cfg(test)]
#[path = "sandbox/process.rs"]
mod process;
#[cfg(test)]
#[path = "sandbox/schema.rs"]
mod schema;
#[cfg(test)]
#[path = "sandbox/v1.rs"]
mod v1;
#[cfg(test)]
#[path = "sandbox/v2.rs"]
mod v2;
#[cfg(test)]
#[path = "sandbox/walk.rs"]
mod walk;
