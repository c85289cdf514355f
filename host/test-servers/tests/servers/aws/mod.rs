//! moto as AWS, and the proxy in front of it.

use std::sync::LazyLock;

use albatross_test_servers::Moto;

mod moto;
mod recorder;
mod wire;

/// The server that tests share unless they need a separate one; each test uses different names.
static MOTO: LazyLock<Moto> = LazyLock::new(|| Moto::start().unwrap());
