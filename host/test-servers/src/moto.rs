//! moto as AWS.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use crate::{TestServerError, parts, tether::Tethered};

/// What moto does otherwise than usual.
#[derive(Clone, Debug, Default)]
pub struct MotoSettings {
    /// Most items on a page. Absent: as many as AWS puts there.
    pub page_size: Option<u32>,
    /// How long a load balancer is provisioning, a target initial or draining. Absent: one second.
    pub settling: Option<Duration>,
    /// How long other calls do not know of what was made. Absent: not at all.
    pub unseen: Option<Duration>,
}

/// A moto server of its own, with the patches of `scripts/test-servers/moto/patches`.
///
/// It believes any credentials; tests that share one are apart when they use different regions. The account is
/// 123456789012. A region begins with a default VPC that has a subnet in each zone.
#[derive(Debug)]
pub struct Moto {
    endpoint: String,
    _process: Tethered,
}

impl Moto {
    /// Starts one as AWS is, but faster: see [`MotoSettings`].
    ///
    /// # Errors
    /// moto is not installed, or does not start. What it says goes to standard error.
    pub fn start() -> Result<Moto, TestServerError> {
        Moto::start_with(&MotoSettings::default())
    }

    /// Starts one with settings.
    ///
    /// # Errors
    /// As [`Moto::start`].
    pub fn start_with(settings: &MotoSettings) -> Result<Moto, TestServerError> {
        let mut command = Command::new(parts::moto_python()?);
        // Without the byte code that Python would write beside the sources.
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
        let mut process = Tethered::start(&mut command)?;
        let mut line = String::new();
        if let Some(output) = process.output() {
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(TestServerError::io("cannot read what moto prints"))?;
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

    /// Where it listens: the endpoint URL of all AWS services, such as `http://127.0.0.1:41753`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}
