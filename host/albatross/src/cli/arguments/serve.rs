//! The arguments of `simulate --serve`.

use std::path::PathBuf;

use albatross_local_balancer::Backend;
use clap::Args;

/// What is served after a simulation.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Afterwards answer requests on ports of this machine as the load balancers would, and follow the manifests, until Ctrl-C
    #[arg(long)]
    pub serve: bool,
    /// Port of the first listener, and those after it for the others; 0 takes any free ports [default: the port of the listener
    /// plus 8000, such as 8080 and 8443, or the next free one]
    #[arg(long, requires = "serve", value_name = "PORT")]
    pub serve_port: Option<u16>,
    /// Write the certificate of the local authority to this file, for `curl --cacert`
    #[arg(long, requires = "serve", value_name = "FILE")]
    pub serve_ca: Option<PathBuf>,
    /// Address of the page that shows the simulation [default: 127.0.0.1:8000, or a free port]
    #[arg(long, requires = "serve", value_name = "ADDRESS:PORT")]
    pub page: Option<std::net::SocketAddr>,
    /// Forward the requests for a Service to a server on this machine, such as shop/cart=http://127.0.0.1:3000; repeat the flag for
    /// more
    #[arg(long, requires = "serve", value_name = "NAMESPACE/SERVICE=URL", value_parser = backend)]
    pub backend: Vec<(String, Backend)>,
}

fn backend(text: &str) -> Result<(String, Backend), String> {
    let expected = "expected a Service and a URL, such as shop/cart=http://127.0.0.1:3000";
    let (service, url) = text.split_once('=').ok_or(expected)?;
    match service.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => {
            Ok((service.to_owned(), url.parse()?))
        }
        _ => Err(format!("'{service}' is not a Service, such as shop/cart")),
    }
}
