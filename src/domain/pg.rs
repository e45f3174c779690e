//! (stand-in until the rules branch lands)
/// The generation of the `PortOne` API that a profile speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// V1
    V1,
    /// V2
    V2,
}
/// A gateway's wire code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PgCode(String);
impl PgCode {
    /// Takes the code as it is on the wire.
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }
    /// The code as it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
