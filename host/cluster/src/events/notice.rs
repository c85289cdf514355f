//! A message for people, before it is sent as an Event.

use albatross_contract::{Diagnostic, DiagnosticCode, ObjectName};

/// The longest note of an Event that the API accepts, in bytes.
const LONGEST_NOTE: usize = 1024;

/// Something that a person should know, about one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Notice {
    /// The object that it is about.
    pub regarding: Regarding,
    /// Whether a person should look.
    pub severity: Severity,
    /// One word of a closed set: `Placed`, `Released`, `Held`, `ActionFailed`, `StatusNotWritten`, `NoPlan`,
    /// `PolicyFailed`, `PolicySwapped`, `PolicyHeld`, `PolicyInShadow`, or a diagnostic's code, such as `CertificateNone`.
    pub reason: String,
    /// What, why, and what to do; at most 1,024 bytes.
    pub note: String,
}

/// The object of an Event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Regarding {
    /// An object that asks for a load balancer.
    Object {
        /// Its kind, namespace and name.
        name: ObjectName,
        /// Its uid, by which `kubectl describe` finds its Events.
        uid: Option<String>,
    },
    /// The controller as a whole: Events of its Lease.
    Controller,
}

/// The `type` of an Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// All is well.
    Normal,
    /// Somebody should look.
    Warning,
}

impl Notice {
    pub(crate) fn new(regarding: &Regarding, severity: Severity, reason: &str, note: String) -> Notice {
        Notice { regarding: regarding.clone(), severity, reason: reason.to_owned(), note: shortened(note) }
    }

    /// A notice about the controller as a whole.
    pub fn of_controller(severity: Severity, reason: &str, note: String) -> Notice {
        Notice::new(&Regarding::Controller, severity, reason, note)
    }

    /// Adds to the note, as far as there is room.
    pub(crate) fn add(&mut self, text: &str) {
        self.note = shortened(format!("{}{text}", self.note));
    }

    /// The notice of a diagnostic; `consequence` says what the diagnostic means for the object.
    pub(crate) fn of_diagnostic(
        regarding: &Regarding,
        diagnostic: &Diagnostic,
        consequence: Option<&str>,
    ) -> Notice {
        let severity = match diagnostic.severity {
            albatross_contract::Severity::Info => Severity::Normal,
            albatross_contract::Severity::Warning | albatross_contract::Severity::Error => Severity::Warning,
        };
        let mut note = diagnostic.message.clone();
        if let Some(consequence) = consequence {
            note = format!("{note}; {consequence}");
        }
        if let Some(remedy) = &diagnostic.remedy {
            note = format!("{note}. To do: {remedy}");
        }
        Notice::new(regarding, severity, &reason(diagnostic.code), note)
    }
}

/// The reason for a code of the contract: `certificate-none` becomes `CertificateNone`.
pub(crate) fn reason(code: DiagnosticCode) -> String {
    let name = serde_json::to_value(code).ok();
    let name = name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    name.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

/// The note, cut to the length that the API accepts, with an ellipsis.
fn shortened(mut note: String) -> String {
    const SIGN: &str = "…";
    if note.len() > LONGEST_NOTE {
        let end = (0..=LONGEST_NOTE - SIGN.len()).rev().find(|end| note.is_char_boundary(*end));
        note.truncate(end.unwrap_or_default());
        note.push_str(SIGN);
    }
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_the_code_as_kubernetes_spells_reasons() {
        assert_eq!(reason(DiagnosticCode::CertificateNone), "CertificateNone");
        assert_eq!(reason(DiagnosticCode::AutoScalingGroupFull), "AutoScalingGroupFull");
    }

    #[test]
    fn a_long_note_is_cut_between_letters() {
        let note = shortened("é".repeat(600));
        assert!(note.len() <= LONGEST_NOTE, "{}", note.len());
        assert!(note.ends_with("é…"));
        assert_eq!(shortened("short".to_owned()), "short");
    }
}
