//! The construction of diagnostics.

use albatross_contract::{Diagnostic, DiagnosticCode, Severity, ViewPart};

use crate::source::ObjectName;

/// The remedy where a part of the view is missing.
pub const WAIT: &str = "wait until everything can be read";

/// What a diagnostic is about.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// A Kubernetes object.
    Object(ObjectName<'a>),
    /// A load balancer or target group, by its name in AWS.
    Resource(&'a str),
    /// The settings.
    Settings,
    /// A cluster, by its id.
    Cluster(&'a str),
    /// A part of the view.
    Part(ViewPart),
}

/// Something that cannot be done.
pub fn error(code: DiagnosticCode, subject: Subject<'_>, message: impl Into<String>) -> Diagnostic {
    with_severity(Severity::Error, code, subject, message.into())
}

/// Something that a person should look at.
pub fn warning(code: DiagnosticCode, subject: Subject<'_>, message: impl Into<String>) -> Diagnostic {
    with_severity(Severity::Warning, code, subject, message.into())
}

/// Something worth knowing.
pub fn info(code: DiagnosticCode, subject: Subject<'_>, message: impl Into<String>) -> Diagnostic {
    with_severity(Severity::Info, code, subject, message.into())
}

/// An annotation of an object that contradicts other objects of its group, which take precedence.
pub fn conflict(object: ObjectName<'_>, annotation: &str, message: impl Into<String>) -> Diagnostic {
    warning(DiagnosticCode::GroupConflict, Subject::Object(object), message)
        .field(format!("metadata.annotations[{annotation}]"))
}

/// A diagnostic of any severity.
pub fn with_severity(
    severity: Severity,
    code: DiagnosticCode,
    subject: Subject<'_>,
    message: String,
) -> Diagnostic {
    let subject = match subject {
        Subject::Object(object) => {
            format!("{} {}/{}", object.kind.kubernetes(), object.namespace, object.name)
        }
        Subject::Resource(name) => name.to_owned(),
        Subject::Settings => "settings".to_owned(),
        Subject::Cluster(id) => format!("cluster {id}"),
        Subject::Part(part) => part.plural().to_owned(),
    };
    Diagnostic { code, severity, subject, field: None, message, remedy: None }
}

/// Optional parts of a diagnostic.
pub trait Details {
    /// The field of the subject that it is about.
    fn field(self, field: impl Into<String>) -> Self;
    /// What to do about it.
    fn remedy(self, remedy: impl Into<String>) -> Self;
}

impl Details for Diagnostic {
    fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}
