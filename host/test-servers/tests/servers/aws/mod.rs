//! moto as AWS, and the proxy in front of it.

use std::sync::LazyLock;

use albatross_test_servers::Moto;

mod moto;
mod recorder;
mod wire;

/// One for the tests that need no server of their own; each uses names of its own.
static MOTO: LazyLock<Moto> = LazyLock::new(|| Moto::start().unwrap());
