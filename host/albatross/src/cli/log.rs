//! The log of a live command.

use tracing_subscriber::{layer::SubscriberExt, reload, util::SubscriberInitExt};

use super::{arguments::LogFormat, live::environment};
use crate::{
    error::Error,
    live::levels::{Levels, filter},
};

/// Logs to standard error from now on. `ALBATROSS_LOG` is a level, such as `debug`, or has a level for each part, such as
/// `info,albatross_aws=debug`. Without it, `default` is the level, or else `info`. Returns the levels, which can be changed.
///
/// # Errors
/// `ALBATROSS_LOG` is not a list of levels.
pub fn start_log(format: LogFormat, default: Option<&str>) -> Result<Levels, Error> {
    let levels = environment("ALBATROSS_LOG").unwrap_or_else(|| default.unwrap_or("info").to_owned());
    let first = filter(&levels).map_err(|source| Error::LogLevels { levels: levels.clone(), source })?;
    let builder = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(std::io::stderr);
    // Starting fails only where a test in the same process has started the log before, and changing it where the log is gone.
    Ok(match format {
        LogFormat::Text => {
            let (layer, handle) = reload::Layer::new(first);
            drop(builder.with_ansi(false).finish().with(layer).try_init());
            Levels::new(levels, Box::new(move |filter| drop(handle.reload(filter))))
        }
        LogFormat::Json => {
            let (layer, handle) = reload::Layer::new(first);
            drop(builder.json().flatten_event(true).finish().with(layer).try_init());
            Levels::new(levels, Box::new(move |filter| drop(handle.reload(filter))))
        }
    })
}
