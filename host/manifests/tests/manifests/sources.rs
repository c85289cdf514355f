//! The sources that kubectl accepts: files, folders, standard input, several documents, lists, JSON.

use std::{fs, path::PathBuf};

use albatross_contract::ViewPart;
use albatross_manifests::{ManifestError, Manifests, Source, read};

use crate::support::{incomplete, ingress, names, read_files, read_good};

/// A folder that is removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path); // of a run that was killed
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Folder {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn read(&self) -> Result<Manifests, ManifestError> {
        read(&[Source::Path(self.0.clone())])
    }

    /// The message of the error, without the path of the folder.
    fn error(&self) -> String {
        self.read().unwrap_err().to_string().replace(&self.0.display().to_string(), "shop")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_folder_gives_its_yaml_and_json_files_and_neither_other_files_nor_folders_within() {
    let folder = Folder::new("folder");
    folder
        .file("a.yaml", ingress("shop", "a", "a.example.org"))
        .file("b.yml", ingress("shop", "b", "b.example.org"))
        .file("c.json", r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"c"}}"#)
        .file("README.md", "no: manifest: at all")
        .file("within.yaml/d.yaml", ingress("shop", "d", "d.example.org"));
    let manifests = folder.read().unwrap();
    assert_eq!(names(&manifests), ["shop/a", "shop/b"]);
    assert_eq!(manifests.cluster.services.len(), 1);
    assert_eq!(manifests.problems, []);
}

#[test]
fn files_of_a_folder_are_read_in_the_order_of_their_names() {
    let folder = Folder::new("order");
    folder
        .file("2.yaml", ingress("shop", "a", "second.example.org"))
        .file("1.yaml", ingress("shop", "a", "first.example.org"));
    let manifests = folder.read().unwrap();
    assert_eq!(manifests.cluster.ingresses[0].rules[0].host.as_deref(), Some("first.example.org"));
    assert!(manifests.problems[0].place.file.ends_with("2.yaml"));
}

#[test]
fn a_file_that_is_named_is_read_whatever_its_ending() {
    let folder = Folder::new("ending");
    folder.file("ingress.tpl", ingress("shop", "a", "a.example.org"));
    let manifests = read(&[Source::Path(folder.0.join("ingress.tpl"))]).unwrap();
    assert_eq!(names(&manifests), ["shop/a"]);
}

#[test]
fn a_path_that_does_not_exist_is_named() {
    let folder = Folder::new("missing");
    let error = read(&[Source::Path(folder.0.join("nowhere"))]).unwrap_err();
    assert!(error.to_string().contains("missing/nowhere: cannot be read: No such file"), "{error}");
}

#[test]
fn a_link_that_leads_nowhere_is_named() {
    let folder = Folder::new("link");
    folder.file("a.yaml", ingress("shop", "a", "a.example.org"));
    std::os::unix::fs::symlink("gone.yaml", folder.0.join("b.yaml")).unwrap();
    assert!(folder.error().starts_with("shop/b.yaml: cannot be read: "), "{}", folder.error());
}

#[test]
fn a_folder_without_a_manifest_is_named() {
    let folder = Folder::new("empty");
    folder.file("README.md", "").file("within/a.yaml", ingress("shop", "a", "a.example.org"));
    assert_eq!(
        folder.error(),
        "shop: the folder contains no file ending in .yaml, .yml or .json (folders in it are not read: name \
         them as well)"
    );
}

#[test]
fn empty_standard_input_is_an_error_and_not_a_cluster_without_ingresses() {
    for nothing in ["", "\n\n", "# only a comment\n---\n---\n# another\n", "null\n"] {
        let error =
            read(&[Source::Text { name: "standard input".to_owned(), bytes: nothing.as_bytes().to_vec() }])
                .unwrap_err();
        assert_eq!(
            error.to_string(),
            "standard input: contains no manifest; write a cluster without Ingresses as an empty List: {apiVersion: v1, \
             kind: List}"
        );
    }
    assert_eq!(names(&read_good("{apiVersion: v1, kind: List}")), [""; 0]);
}

#[test]
fn a_file_that_is_not_text_is_named_with_the_line() {
    let folder = Folder::new("binary");
    folder.file("a.yaml", b"kind: Ingress\nmetadata:\n  name: caf\xe9\n");
    assert_eq!(folder.error(), "shop/a.yaml, line 3: is not UTF-8 text");
}

#[test]
fn a_file_over_64_mib_is_refused() {
    let bytes = vec![b'#'; 64 * 1024 * 1024 + 1];
    let error = read(&[Source::Text { name: "huge.yaml".to_owned(), bytes }]).unwrap_err();
    assert_eq!(error.to_string(), "huge.yaml: is larger than 64 MiB; split it");
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows_do_not_matter() {
    let text = format!(
        "\u{feff}{}---\n\u{feff}{}",
        ingress("shop", "a", "a.example.org"),
        ingress("shop", "b", "b.example.org")
    );
    assert_eq!(names(&read_good(&text.replace('\n', "\r\n"))), ["shop/a", "shop/b"]);
}

#[test]
fn empty_documents_are_not_counted() {
    let broken = "apiVersion: networking.k8s.io/v1\nkind: Ingress\n";
    let text = format!(
        "%YAML 1.1\n# A licence.\n---\n# nothing\n---   # first\n{}--- \n---\n{broken}",
        ingress("shop", "a", "a.example.org")
    );
    let manifests = read_files(&[("a.yaml", &text)]);
    assert_eq!(names(&manifests), ["shop/a"]);
    assert_eq!(manifests.problems[0].to_string(), "a.yaml, document 2, line 20: metadata.name: is missing");
}

#[test]
fn a_document_may_begin_on_the_line_of_its_marker_and_end_with_dots() {
    let manifests = read_good(
        "--- {apiVersion: v1, kind: Service, metadata: {name: a}}\n---\n{apiVersion: v1, kind: Service, metadata: \
         {name: b}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: c}\n...\n---\nkind: Service\napiVersion: \
         v1\nmetadata: {name: d}\n",
    );
    assert_eq!(manifests.cluster.services.len(), 4);
}

#[test]
fn a_marker_within_a_text_of_another_object_is_no_marker_when_it_is_indented() {
    let manifests = read_good(
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  notes: |\n    ---\n    kind: Ingress\n---\napiVersion: v1\nkind: \
         Service\nmetadata: {name: a}\n",
    );
    assert_eq!(manifests.cluster.services.len(), 1);
}

#[test]
fn several_json_objects_in_one_file_are_read() {
    let manifests = read_files(&[(
        "dump.json",
        "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Service\",\n\t\"metadata\": {\"name\": \"a\", \"labels\": \
         {\"brackets\": \"}{\\\"]\", \"smile\": \"\\ud83d\\ude00 \\/\"}}\n}\n\n{\"apiVersion\": \"v1\", \"kind\": \
         \"Service\", \"metadata\": {\"name\": \"b\"}}{\"apiVersion\": \"v1\",\n \"kind\": \"Service\", \"metadata\": \
         {\"name\": 7}}",
    )]);
    assert_eq!(manifests.cluster.services.len(), 2);
    let labels = &manifests.cluster.services[0].metadata.labels;
    assert_eq!((labels[0].value.as_str(), labels[1].value.as_str()), ("}{\"]", "😀 /"));
    assert_eq!(
        manifests.problems[0].to_string(),
        "dump.json, document 3, line 8: metadata.name: 7 is a number, expected a string: put it in quotes"
    );
}

#[test]
fn lists_give_their_items_and_a_broken_item_does_not_hide_the_others() {
    let manifests = read_files(&[(
        "list.yaml",
        "apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: a}}
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: b, namespace: shop}
  spec:
    rules:
    - host: 80
- {apiVersion: v1, kind: Node, metadata: {name: c}}
- apiVersion: v1
  kind: List
  items: [{apiVersion: v1, kind: Service, metadata: {name: nested}}]
",
    )]);
    assert_eq!((manifests.cluster.services.len(), manifests.cluster.nodes.len()), (2, 1));
    let problem = &manifests.problems[0];
    assert_eq!(
        problem.to_string(),
        "list.yaml, document 1, line 10: items[1].spec.rules[0].host: 80 is a number, expected a string: put it in \
         quotes"
    );
    assert_eq!(problem.object.as_deref(), Some("Ingress shop/b"));
    assert_eq!(incomplete(&manifests), [ViewPart::Ingresses]);
}

#[test]
fn items_of_a_list_of_one_kind_need_not_name_it() {
    let item = "{metadata: {name: a}, spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}}";
    let list =
        format!("apiVersion: networking.k8s.io/v1\nkind: IngressList\nmetadata: {{}}\nitems: [{item}]\n");
    assert_eq!(names(&read_good(&list)), ["default/a"]);
    let mut manifests = read_good("{apiVersion: v1, kind: ServiceList, items: [{metadata: {name: a}}]}");
    assert_eq!(manifests.cluster.services.remove(0).metadata.name, "a");
    let mut manifests = read_good("{apiVersion: v1, kind: NodeList, items: [{metadata: {name: a}}]}");
    assert_eq!(manifests.cluster.nodes.remove(0).metadata.name, "a");
}

#[test]
fn the_part_statuses_of_manifests_without_any_status_is_incomplete_once_the_caller_says_so() {
    let mut written = read_good(&ingress("shop", "a", "a.example.org"));
    written.mark_missing_statuses();
    assert_eq!(incomplete(&written), [ViewPart::IngressStatuses]);
    let gap = &written.cluster.incomplete[0];
    assert_eq!(gap.reason, "manifests contain no statuses");
    assert!(!gap.is_fault(), "people write none");

    let status = "status: {loadBalancer: {ingress: [{hostname: a.elb.amazonaws.com}]}}\n";
    let mut dumped = read_good(&(ingress("shop", "a", "a.example.org") + status));
    dumped.mark_missing_statuses();
    assert_eq!(incomplete(&dumped), []);
}

/// Reading a pipe without a writer would wait forever.
#[cfg(unix)]
#[test]
fn a_pipe_or_socket_in_a_folder_is_skipped_with_a_remark() {
    let folder = Folder::new("pipe");
    folder.file("a.yaml", ingress("shop", "a", "a.example.org"));
    let pipe = folder.0.join("b.yaml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let socket = folder.0.join("c.yaml");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.0.join("d.json")).unwrap();
    let manifests = folder.read().unwrap();
    assert_eq!(names(&manifests), ["shop/a"]);
    let told: Vec<String> = ["b.yaml", "c.yaml", "d.json"]
        .map(|name| {
            let path = folder.0.join(name);
            format!(
                "{}: is not a regular file (but a pipe, a socket or a device) and is skipped",
                path.display()
            )
        })
        .to_vec();
    assert_eq!(manifests.remarks, told);
}

#[cfg(unix)]
#[test]
fn a_device_that_never_ends_is_refused_at_the_limit() {
    let error = read(&[Source::Path("/dev/zero".into())]).unwrap_err();
    assert_eq!(error.to_string(), "/dev/zero: is larger than 64 MiB; split it");
}
