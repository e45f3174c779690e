//! The entry of the `danmal` program.

fn main() {}
