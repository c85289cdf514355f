//! The questions of the API server (AdmissionReview of `admission.k8s.io/v1`), and the form of the answers.

use albatross_contract::Ingress;
use albatross_manifests::ingress_from_json;
use serde::Deserialize;
use serde_json::{Value, json};

/// A question of the API server.
#[derive(Debug, PartialEq)]
pub struct Review {
    /// Identifies the question in the answer.
    pub uid: String,
    /// What it is about.
    pub subject: Subject,
}

/// What a question is about.
#[derive(Debug, PartialEq)]
pub enum Subject {
    /// An Ingress that is created or changed.
    Ingress(Box<Ingress>),
    /// An Ingress that cannot be read: the field, and what is wrong with it.
    Unreadable(String),
    /// Nothing that changes a plan: another kind or operation, or an Ingress of which only the status changes, or that is being deleted.
    Nothing,
}

/// A request that is no question of an API server, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no AdmissionReview of admission.k8s.io/v1: {0}")]
pub struct NotAReview(String);

const API_VERSION: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    api_version: String,
    kind: String,
    request: Request,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    uid: String,
    kind: GroupVersionKind,
    #[serde(default)]
    sub_resource: String,
    operation: String,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    object: Value,
    #[serde(default)]
    old_object: Value,
}

#[derive(Deserialize)]
struct GroupVersionKind {
    group: String,
    version: String,
    kind: String,
}

impl Review {
    /// Reads a question.
    ///
    /// # Errors
    /// The body has another form.
    pub fn read(body: &[u8]) -> Result<Review, NotAReview> {
        let body: Body = serde_json::from_slice(body).map_err(|error| NotAReview(error.to_string()))?;
        if (body.api_version.as_str(), body.kind.as_str()) != (API_VERSION, KIND) {
            return Err(NotAReview(format!("it is a {} of {}", body.kind, body.api_version)));
        }
        if body.request.uid.is_empty() {
            return Err(NotAReview("request.uid is empty".to_owned()));
        }
        Ok(Review { uid: body.request.uid.clone(), subject: subject(body.request) })
    }
}

fn subject(request: Request) -> Subject {
    let GroupVersionKind { group, version, kind } = &request.kind;
    let is_ingress =
        (group.as_str(), version.as_str(), kind.as_str()) == ("networking.k8s.io", "v1", "Ingress");
    let is_change = matches!(request.operation.as_str(), "CREATE" | "UPDATE");
    if !is_ingress || !is_change || !request.sub_resource.is_empty() {
        return Subject::Nothing;
    }
    let read = |object: Value| {
        let mut ingress = ingress_from_json(object)?;
        // Without a namespace, a manifest is read as one for `default`.
        ingress.metadata.namespace = request.namespace.clone().or(ingress.metadata.namespace);
        Ok(ingress)
    };
    let new = match read(request.object) {
        Ok(new) => new,
        Err(albatross_manifests::UnreadableObject { message }) => return Subject::Unreadable(message),
    };
    let is_same = |old: Ingress| Ingress { status: new.status.clone(), ..old } == new;
    let is_old = request.operation == "UPDATE" && read(request.old_object).is_ok_and(is_same);
    match is_old || new.metadata.deleted_at.is_some() {
        true => Subject::Nothing,
        false => Subject::Ingress(Box::new(new)),
    }
}

/// The answer to a question: always yes. `warnings`: what the client shows, such as kubectl.
pub fn answer(uid: &str, warnings: &[String]) -> Vec<u8> {
    let response = match warnings.is_empty() {
        true => json!({"uid": uid, "allowed": true}),
        false => json!({"uid": uid, "allowed": true, "warnings": warnings}),
    };
    json!({"apiVersion": API_VERSION, "kind": KIND, "response": response}).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ingress(host: &str) -> Value {
        json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "checkout", "namespace": "shop"},
            "spec": {"rules": [{"host": host}]},
        })
    }

    fn question(change: impl FnOnce(&mut Value)) -> Value {
        let mut question = json!({
            "apiVersion": API_VERSION,
            "kind": KIND,
            "request": {
                "uid": "1",
                "kind": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"},
                "operation": "CREATE",
                "namespace": "shop",
                "object": ingress("shop.example.org"),
                "oldObject": null,
            },
        });
        change(&mut question);
        question
    }

    fn read(question: &Value) -> Result<Review, String> {
        Review::read(question.to_string().as_bytes()).map_err(|error| error.to_string())
    }

    fn subject_of(change: impl FnOnce(&mut Value)) -> Subject {
        read(&question(change)).unwrap().subject
    }

    #[test]
    fn a_new_ingress_is_in_the_namespace_of_the_request() {
        let review =
            read(&question(|it| drop(it["request"]["object"]["metadata"]["namespace"].take()))).unwrap();
        let Subject::Ingress(new) = review.subject else { panic!("{review:?}") };
        assert_eq!((review.uid.as_str(), new.metadata.namespace.as_deref()), ("1", Some("shop")));
        assert_eq!(new.rules[0].host.as_deref(), Some("shop.example.org"));
    }

    #[test]
    fn a_change_that_no_plan_depends_on_is_nothing() {
        let update = |old: Value| {
            subject_of(|it| {
                it["request"]["operation"] = json!("UPDATE");
                it["request"]["oldObject"] = old;
            })
        };
        let mut published = ingress("shop.example.org");
        published["status"] = json!({"loadBalancer": {"ingress": [{"hostname": "lb.example.org"}]}});
        published["metadata"]["managedFields"] = json!([{"manager": "kubectl"}]);
        assert_eq!(update(published), Subject::Nothing);
        assert!(matches!(update(ingress("other.example.org")), Subject::Ingress(_)));
        assert_eq!(subject_of(|it| it["request"]["operation"] = json!("DELETE")), Subject::Nothing);
        assert_eq!(subject_of(|it| it["request"]["subResource"] = json!("status")), Subject::Nothing);
        assert_eq!(subject_of(|it| it["request"]["kind"]["kind"] = json!("IngressClass")), Subject::Nothing);
        let deleted = |it: &mut Value| {
            it["request"]["object"]["metadata"]["deletionTimestamp"] = json!("2026-11-21T09:30:00Z");
        };
        assert_eq!(subject_of(deleted), Subject::Nothing);
    }

    #[test]
    fn an_ingress_that_cannot_be_read_is_named_by_its_field() {
        let spec = json!({"rules": [{"http": {"paths": [{"path": "/", "pathType": "prefix"}]}}]});
        let Subject::Unreadable(message) = subject_of(|it| it["request"]["object"]["spec"] = spec) else {
            panic!("it is read");
        };
        assert!(message.starts_with("spec.rules[0].http.paths[0].pathType: "), "{message}");
        assert!(matches!(subject_of(|it| it["request"]["object"] = json!(7)), Subject::Unreadable(_)));
    }

    #[test]
    fn whatever_is_no_question_is_refused_with_a_reason() {
        for (question, expected) in [
            (json!([]), "invalid length"),
            (json!({}), "missing field"),
            (question(|it| it["apiVersion"] = json!("admission.k8s.io/v1beta1")), "admission.k8s.io/v1beta1"),
            (question(|it| it["kind"] = json!("Ingress")), "it is a Ingress of"),
            (question(|it| it["request"]["uid"] = json!("")), "request.uid is empty"),
            (question(|it| drop(it["request"].take())), "expected struct Request"),
        ] {
            let error = read(&question).unwrap_err();
            assert!(error.contains("no AdmissionReview") && error.contains(expected), "{error}");
        }
        assert!(Review::read(b"\xff").is_err());
    }

    #[test]
    fn an_answer_without_warnings_has_none() {
        let value = |warnings: &[String]| serde_json::from_slice::<Value>(&answer("1", warnings)).unwrap();
        assert_eq!(value(&[])["response"], json!({"uid": "1", "allowed": true}));
        let warned = value(&["rejected".to_owned()]);
        assert_eq!(warned["response"], json!({"uid": "1", "allowed": true, "warnings": ["rejected"]}));
        assert_eq!((&warned["kind"], &warned["apiVersion"]), (&json!(KIND), &json!(API_VERSION)));
    }
}
