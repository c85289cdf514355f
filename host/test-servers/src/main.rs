//! Starts one of the test servers by hand, and holds it until standard input ends (ctrl-D).

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use albatross_test_servers::{Kubernetes, Moto, Registry};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, the message cannot be shown.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    match env::args().nth(1).as_deref() {
        Some("moto") => {
            let moto = Moto::start()?;
            hold(&format!("AWS_ENDPOINT_URL={}", moto.endpoint()))
        }
        Some("kubernetes") => {
            let kubernetes = Kubernetes::start()?;
            let kubeconfig = kubernetes.kubeconfig(kubernetes.administrator_token())?;
            hold(&format!("KUBECONFIG={}", kubeconfig.display()))
        }
        Some("registry") => {
            let registry = Registry::start()?;
            hold(&format!("REGISTRY={}", registry.address()))
        }
        _ => Err("name a server as the argument: moto, kubernetes or registry".into()),
    }
}

/// Prints how to reach a server, and waits for the end of standard input.
fn hold(line: &str) -> Result<(), Box<dyn Error>> {
    writeln!(io::stdout(), "{line}")?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
