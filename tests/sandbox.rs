//! The local `PortOne`, held against the vendor's schemas and against what the references say it does.

#[path = "sandbox/common.rs"]
mod common;
#[path = "sandbox/fuzz.rs"]
mod fuzz;
#[path = "sandbox/process.rs"]
mod process;
#[path = "sandbox/schema.rs"]
mod schema;
#[path = "sandbox/v1.rs"]
mod v1;
#[path = "sandbox/v2.rs"]
mod v2;
