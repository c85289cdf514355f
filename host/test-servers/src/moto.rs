//! moto as AWS.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{TestServerError, parts, tether::Tethered};

/// Settings of a moto server.
#[derive(Clone, Debug, Default)]
pub struct MotoSettings {
    /// The maximum number of items on a page. Absent: as in AWS.
    pub page_size: Option<u32>,
    /// How long a load balancer is provisioning, or a target is initial or draining. Absent: one second.
    pub settling: Option<Duration>,
    /// How long a new resource stays invisible to other calls. Absent: it is visible at once.
    pub unseen: Option<Duration>,
    /// The quota of Application Load Balancers in a region. Absent: 50, as in AWS.
    pub load_balancers: Option<u32>,
}

/// A moto server with the patches of `scripts/test-servers/moto/patches`.
///
/// The server accepts any credentials. Tests that share a server are separate if they use different regions. The account is
/// 123456789012. Each region starts with a default VPC that has a subnet in each zone.
#[derive(Debug)]
pub struct Moto {
    endpoint: String,
    _process: Tethered,
}

impl Moto {
    /// Starts a server that behaves like AWS, but faster: see [`MotoSettings`].
    ///
    /// # Errors
    /// moto is not installed, or does not start. Its messages go to standard error.
    pub fn start() -> Result<Moto, TestServerError> {
        Moto::start_with(&MotoSettings::default())
    }

    /// Starts a server with these settings.
    ///
    /// # Errors
    /// Those of [`Moto::start`].
    pub fn start_with(settings: &MotoSettings) -> Result<Moto, TestServerError> {
        let mut command = Command::new(parts::moto_python()?);
        // `-B`: Python must not write byte code beside the sources.
        command.arg("-B").arg(parts::moto_server()).stdout(Stdio::piped());
        if let Some(items) = settings.page_size {
            command.args(["--page-size", &items.to_string()]);
        }
        if let Some(settling) = settings.settling {
            command.args(["--settle-seconds", &settling.as_secs_f64().to_string()]);
        }
        if let Some(unseen) = settings.unseen {
            command.args(["--unseen-seconds", &unseen.as_secs_f64().to_string()]);
        }
        if let Some(quota) = settings.load_balancers {
            command.args(["--load-balancers", &quota.to_string()]);
        }
        let mut process = Tethered::start(&mut command)?;
        let mut line = String::new();
        if let Some(output) = process.output() {
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(TestServerError::io("cannot read moto's output"))?;
        }
        match line.trim_end().strip_prefix("ready ") {
            Some(endpoint) => Ok(Moto { endpoint: endpoint.to_owned(), _process: process }),
            None => Err(TestServerError::NotReady {
                server: "moto",
                after: "after its start".to_owned(),
                detail: format!("it printed '{}', and the reason to standard error", line.trim_end()),
            }),
        }
    }

    /// Creates a bucket of S3.
    ///
    /// # Errors
    /// moto does not answer.
    pub fn make_bucket(&self, name: &str) -> Result<(), TestServerError> {
        let failed = TestServerError::io("cannot create a bucket");
        let address = self.endpoint.trim_start_matches("http://");
        let mut answer = String::new();
        let mut request = || {
            let mut connection = TcpStream::connect(address)?;
            let head = format!(
                "PUT /{name} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            connection.write_all(head.as_bytes())?;
            connection.read_to_string(&mut answer)
        };
        request().map_err(failed)?;
        if answer.lines().next().is_some_and(|line| line.contains(" 200 ")) {
            return Ok(());
        }
        Err(TestServerError::NotReady {
            server: "moto",
            after: format!("asked for the bucket {name}"),
            detail: answer,
        })
    }

    /// The endpoint URL for all AWS services, such as `http://127.0.0.1:41753`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}
