//! Checks that the AWS profile of `AWS_PROFILE` exists. If it does not, the SDK silently goes on to other credentials.

use std::{env, fs, path::PathBuf};

use crate::error::AwsError;

/// Looks for the profile that `AWS_PROFILE` names, in the files that the SDK reads (AWS SDKs and Tools reference guide,
/// "Shared config and credentials files"). Credentials in the environment take precedence over a profile.
///
/// # Errors
/// [`AwsError::ProfileMissing`].
pub(crate) fn check() -> Result<(), AwsError> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let Some(profile) = set("AWS_PROFILE") else { return Ok(()) };
    // The profile `default` need not exist: without it the SDK goes on to the role of the instance or the Pod.
    if set("AWS_ACCESS_KEY_ID").is_some() || profile == "default" {
        return Ok(());
    }
    let home = set("HOME").map(PathBuf::from);
    let file = |variable: &str, name: &str| {
        let usual = || home.as_ref().map(|home| home.join(".aws").join(name));
        let given = set(variable).map(|path| match (path.strip_prefix("~/"), &home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(&path),
        });
        given.or_else(usual)
    };
    let files = [file("AWS_CONFIG_FILE", "config"), file("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
    let files: Vec<PathBuf> = files.into_iter().flatten().collect();
    let has = |path: &PathBuf| fs::read_to_string(path).is_ok_and(|text| names(&text, &profile));
    if files.iter().any(has) {
        return Ok(());
    }
    let files = files.iter().map(|path| path.display().to_string()).collect();
    Err(AwsError::ProfileMissing { profile, files })
}

/// Whether a file has the section of a profile: `[profile NAME]`, or `[NAME]` in the credentials file.
fn names(text: &str, profile: &str) -> bool {
    text.lines().any(|line| {
        let Some(section) = line.trim().strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            return false;
        };
        let name = section.0.trim();
        let name = name.strip_prefix("profile").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(name);
        name.trim().trim_matches(['"', '\'']) == profile
    })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_profile_is_a_section_with_its_name() {
        for text in [
            "[profile shop]",
            "x = 1\n [shop] # people",
            "[ profile  shop ]\nregion = x",
            "[profile \"shop\"]",
        ] {
            assert!(names(text, "shop"), "{text}");
        }
        for text in ["", "[profile shop-2]", "shop = 1", "[sso-session shop]", "# [shop]", "[profile-shop]"] {
            assert!(!names(text, "shop"), "{text}");
        }
    }
}
