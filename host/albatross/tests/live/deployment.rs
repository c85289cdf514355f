//! The API server and the program accept the file that people install.

use albatross_engine::Limits;
use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job, policy::v1::PodDisruptionBudget};
use kube::Api;

use crate::{
    memory::RESIDENT,
    support::{World, answer::Answer},
};

/// The files that people install.
const DEPLOYMENT: &str = include_str!("../../../../deploy/deployment.yaml");
const REPLAY_JOB: &str = include_str!("../../../../deploy/replay-job.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_accepts_the_deployment_and_the_job_and_the_program_their_arguments() {
    let world = World::new("deployment").await;
    // A server-side apply refuses a field that is not in the API.
    world.apply(DEPLOYMENT).await;

    let api: Api<Deployment> = Api::namespaced(world.administrator.clone(), "kube-system");
    let spec = api.get("albatross").await.unwrap().spec.unwrap();
    let pod = spec.template.spec.unwrap();
    assert_eq!(pod.service_account_name.as_deref(), Some("albatross"), "that of rbac.yaml");
    let [container] = pod.containers.as_slice() else { panic!("one container: {:?}", pod.containers) };
    let arguments = container.args.clone().unwrap();
    let help = Answer::of(world.program("deployed").args(&arguments).arg("--help"));
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    let port = &container.ports.as_ref().unwrap()[0];
    let listens = format!("[default: [::]:{}]", port.container_port);
    assert!(help.stdout.contains(&listens), "{listens}: {}", help.stdout);
    // The limit of a policy, plus twice the memory of the program with 5,000 Ingresses (`memory.rs`).
    let guest = Limits::default();
    let needed = guest.memory + guest.returned_data + 2 * (RESIDENT << 20);
    let limit = container.resources.as_ref().unwrap().limits.as_ref().unwrap()["memory"].0.clone();
    let mebibytes: u64 = limit.strip_suffix("Mi").unwrap().parse().unwrap();
    assert!(mebibytes << 20 >= needed, "{limit} is less than {needed} bytes");
    for (probe, path) in [(&container.liveness_probe, "/livez"), (&container.readiness_probe, "/readyz")] {
        let get = probe.clone().and_then(|probe| probe.http_get).unwrap();
        assert_eq!(get.path.as_deref(), Some(path));
        assert!(help.stdout.contains(path), "{}", help.stdout);
    }

    world.apply(REPLAY_JOB).await;
    let api: Api<Job> = Api::namespaced(world.administrator.clone(), "kube-system");
    let job = api.get("albatross-replay").await.unwrap().spec.unwrap();
    let pod = job.template.spec.unwrap();
    let arguments = pod.containers[0].args.clone().unwrap();
    let shards = job.completions.unwrap();
    assert!(arguments.contains(&format!("--shard=$(JOB_COMPLETION_INDEX)/{shards}")), "{arguments:?}");

    let api: Api<PodDisruptionBudget> = Api::namespaced(world.administrator.clone(), "kube-system");
    let budget = api.get("albatross").await.unwrap().spec.unwrap();
    assert_eq!(budget.selector.unwrap().match_labels, spec.template.metadata.unwrap().labels);
}
