//! The entry of the `danmal` program.

use std::process::ExitCode;

use danmal::cli;
use danmal::vault::harden;

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    if let Err(error) = harden::process() {
        return cli::refuse_to_start(&error);
    }
    std::panic::set_hook(Box::new(|_| cli::on_panic()));
    cli::run()
}
