//! What a person is told about the settings as a whole, once those of the flags of kube-ingress-aws-controller are among them.

use albatross_contract::{Diagnostic, PlanningError, Settings};
use albatross_engine::EngineError;
use serde_json::{Value, json};

use super::Ancestor;
use crate::error::Error;

/// Its default controller id.
const ITS_CONTROLLER_ID: &str = "kube-ingress-aws-controller";

/// An example of the setting for classes.
const CLASSES: &str = r#"{"classes": [{"name": "", "mode": "proxy"}, {"name": "skipper", "mode": "proxy"}]}"#;

impl Ancestor {
    /// What to look at before the controller starts, and what to write into the settings file instead of the flags.
    ///
    /// # Errors
    /// None in practice: all settings can be written.
    pub fn advice(&self, settings: &Settings) -> Result<Vec<String>, Error> {
        let default = Settings::default();
        let is_given = !self.remarks.is_empty();
        let mut advice = Vec::new();
        let id = &settings.identity.controller_id;
        if id == ITS_CONTROLLER_ID || (is_given && *id != default.identity.controller_id) {
            advice.push(format!(
                "the controller id is {id}: a kube-ingress-aws-controller that runs with the same id detaches the target groups of \
                 Albatross from the Auto Scaling Groups; stop it first, or choose another id with --controller-id"
            ));
        }
        if is_given && settings.classes == default.classes {
            advice.push(format!(
                "without --ingress-class-filter, kube-ingress-aws-controller serves the Ingresses of all classes, but Albatross those \
                 without a class and those of IngressClasses with the controller {}; to serve other classes, list them in the \
                 settings: {CLASSES}",
                settings.ingress_class_controller
            ));
        }
        if !self.asked.is_empty() {
            let file = difference(serde_json::to_value(settings)?, &serde_json::to_value(default)?);
            advice.extend(file.map(|file| format!("the settings file with these settings is {file}")));
        }
        Ok(advice)
    }

    /// Why settings cannot be used, with the flags that ask for the wrong one.
    pub fn explain(&self, error: PlanningError) -> Error {
        match self.asking_for(error.field.as_deref()) {
            None => Error::Engine(EngineError::Planning { source: error }),
            Some(flag) => Error::AncestorsFlag { flag, problem: error.message },
        }
    }

    /// What is wrong with a setting, with the flags that ask for it.
    pub fn tell(&self, found: &Diagnostic) -> String {
        let flag = self.asking_for(found.field.as_deref()).map(|flag| format!("{flag}: "));
        let remedy = found.remedy.as_ref().map(|remedy| format!("; {remedy}"));
        format!("{}{}{}", flag.unwrap_or_default(), found.message, remedy.unwrap_or_default())
    }

    /// The flags that ask for a setting, or for the smallest whole that it is a part of.
    fn asking_for(&self, field: Option<&str>) -> Option<String> {
        let field = field?;
        let holds = |path: &str| {
            field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let path = self
            .asked
            .iter()
            .map(|(_, path)| *path)
            .filter(|path| holds(path))
            .max_by_key(|path| path.len())?;
        let mut flags: Vec<&str> =
            self.asked.iter().filter(|(_, other)| *other == path).map(|(name, _)| name.as_str()).collect();
        flags.dedup();
        Some(flags.join(", "))
    }
}

/// What a settings file must contain so that the defaults become these settings. `None`: nothing.
fn difference(settings: Value, default: &Value) -> Option<Value> {
    match (settings, default) {
        (settings, default) if settings == *default => None,
        (Value::Object(settings), Value::Object(default)) => {
            // Settings are written without empty lists.
            let emptied = default.keys().filter(|name| !settings.contains_key(*name));
            let emptied: Vec<(String, Value)> = emptied.map(|name| (name.clone(), json!([]))).collect();
            let different = |(name, value): (String, Value)| {
                let value = difference(value, default.get(&name).unwrap_or(&Value::Null))?;
                Some((name, value))
            };
            Some(Value::Object(settings.into_iter().filter_map(different).chain(emptied).collect()))
        }
        (settings, _) => Some(settings),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::cli::ancestor::take;
    use albatross_contract::{DiagnosticCode, file::override_settings};

    /// What these flags ask for, and the settings with them over others.
    fn over(mut settings: Settings, flags: &[&str]) -> (Ancestor, Settings) {
        let line = ["albatross", "run"].iter().chain(flags).map(OsString::from);
        let (ours, ancestor) = take(line, |_| None).unwrap();
        let id = ours.iter().find_map(|word| word.to_str()?.strip_prefix("--controller-id="));
        id.into_iter().for_each(|id| settings.identity.controller_id = id.to_owned());
        let asked = serde_json::to_vec(&ancestor.settings).unwrap();
        (ancestor, override_settings(settings, &asked).unwrap())
    }

    fn advice(flags: &[&str]) -> Vec<String> {
        let (ancestor, settings) = over(Settings::default(), flags);
        ancestor.advice(&settings).unwrap()
    }

    fn wrong(field: &str) -> PlanningError {
        let (field, message) = (Some(field.to_owned()), "it is wrong".to_owned());
        PlanningError { code: DiagnosticCode::SettingInvalid, field, message }
    }

    #[test]
    fn without_its_flags_and_its_id_there_is_nothing_to_say() {
        assert_eq!(advice(&[]), Vec::<String>::new());
        assert_eq!(advice(&["--controller-id=blue"]), Vec::<String>::new());
        let classes = ["--ingress-class-filter=skipper,", "--target-access-mode=HostPort"];
        assert!(advice(&classes).iter().all(|said| !said.contains("all classes")), "a class is chosen");
    }

    #[test]
    fn its_controller_id_is_told_and_so_is_any_other_beside_its_flags() {
        let says = |flags: &[&str], id: &str| {
            let begins = format!("the controller id is {id}: a kube-ingress-aws-controller");
            advice(flags).iter().any(|said| said.starts_with(&begins))
        };
        assert!(says(&["--controller-id=kube-ingress-aws-controller"], "kube-ingress-aws-controller"));
        assert!(says(&["-controller-id=internal"], "internal"));
        assert!(says(&["--controller-id=internal", "--target-port=9998"], "internal"));
        assert!(!says(&["--target-port=9998"], "albatross"));
    }

    #[test]
    fn flags_without_a_class_are_answered_with_what_that_means_here() {
        let said = advice(&["--target-access-mode=HostPort"]);
        assert_eq!(said.len(), 1, "{said:?}");
        for words in ["all classes", "those without a class", "albatross/ingress", r#"{"classes": ["#] {
            assert!(said[0].contains(words), "{words:?} is not in {}", said[0]);
        }
    }

    #[test]
    fn all_settings_are_told_as_one_file_that_means_the_same() {
        let mut file = Settings::default();
        file.identity.cluster_id = "shop".to_owned();
        file.classes.clear();
        let flags = [
            "--target-port=9998",
            "--health-check-port=9999",
            "--target-access-mode=AWSCNI",
            "--target-cni-namespace=kube-system",
            "--target-cni-pod-labelselector=application=skipper",
            "--nlb-cross-zone",
            "--deny-internal-domains",
        ];
        let (ancestor, settings) = over(file, &flags);
        let said = ancestor.advice(&settings).unwrap();
        let file = said.last().unwrap().strip_prefix("the settings file with these settings is ").unwrap();
        let expected = json!({
            "identity": {"cluster-id": "shop"},
            "classes": [],
            "proxy": {
                "target-port": 9998,
                "pods": {"namespace": "kube-system", "label-selector": "application=skipper"},
                "network": {"cross-zone": true},
                "deny": {},
            },
        });
        assert_eq!(serde_json::from_str::<Value>(file).unwrap(), expected);
        assert_eq!(override_settings(Settings::default(), file.as_bytes()).unwrap(), settings);
    }

    #[test]
    fn what_is_wrong_with_a_setting_names_the_flags_that_ask_for_it() {
        let flags =
            ["-idle-connection-timeout=5000s", "--cluster-local-domain=a b", "--cluster-local-domain=c"];
        let (ancestor, _) = over(Settings::default(), &flags);
        let explained = |field: &str| ancestor.explain(wrong(field)).to_string();
        assert_eq!(
            explained("idle-timeout"),
            "-idle-connection-timeout, of kube-ingress-aws-controller: it is wrong"
        );
        assert_eq!(
            explained("cluster-local-domains"),
            "--cluster-local-domain, of kube-ingress-aws-controller: it is wrong"
        );
        assert_eq!(explained("idle"), "it is wrong");
        assert_eq!(explained("proxy.target-port"), "it is wrong");
        let (ancestor, _) = over(
            Settings::default(),
            &["--cert-filter-tag=a=b", "--deny-internal-domains", "--internal-domains=a"],
        );
        for (field, flag) in
            [("certificate-tag.key", "--cert-filter-tag,"), ("proxy.deny.domains", "--internal-domains,")]
        {
            assert!(ancestor.explain(wrong(field)).to_string().starts_with(flag), "{field}");
        }
    }
}
