//! Policies.

use crate::{image::Image, worlds};

/// The certificate that a policy chooses for a host: an entry of a certificate answer.
pub struct Choice {
    /// The index of the host.
    pub host: u32,
    /// The index of the certificate.
    pub certificate: u32,
}

/// A grouping policy that puts these members into one group.
pub fn one_group(key: &str, members: &[u32]) -> Vec<u8> {
    groups(&[(key, members)], &[])
}

/// A grouping policy that always returns these groups and rejections.
pub fn groups(groups: &[(&str, &[u32])], rejected: &[u32]) -> Vec<u8> {
    let mut image = Image::new();
    let mut records = Vec::new();
    for (key, members) in groups {
        records.extend(image.text(key.as_bytes()));
        records.extend(image.indices(members));
        records.extend(image.text(b"because"));
    }
    let records = image.words(&records);
    let rejections: Vec<u32> =
        rejected.iter().flat_map(|member| [[*member].as_slice(), &image.text(b"no")].concat()).collect();
    let rejections = image.words(&rejections);
    let answer = image.words(&[0, records, groups.len() as u32, rejections, rejected.len() as u32, 0, 0]);
    grouping(image, &format!("(i32.const {answer})"))
}

/// A grouping policy that refuses.
pub fn refuses(message: &str) -> Vec<u8> {
    let mut image = Image::new();
    let [place, length] = image.text(message.as_bytes());
    let answer = image.words(&[1, place, length]);
    grouping(image, &format!("(i32.const {answer})"))
}

/// A grouping policy with one group, whose key is at this address and has this length.
pub fn key_at(place: u32, length: u32) -> Vec<u8> {
    let mut image = Image::new();
    let record = image.words(&[place, length, 0, 0, 0, 0]);
    let answer = image.words(&[0, record, 1, 0, 0, 0, 0]);
    grouping(image, &format!("(i32.const {answer})"))
}

/// A grouping policy whose key is these bytes.
pub fn key_of_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut image = Image::new();
    let [place, length] = image.text(bytes);
    let record = image.words(&[place, length, 0, 0, 0, 0]);
    let answer = image.words(&[0, record, 1, 0, 0, 0, 0]);
    grouping(image, &format!("(i32.const {answer})"))
}

/// A grouping policy whose answer claims to be a list of this many groups, which do not exist.
pub fn groups_declared(count: u32) -> Vec<u8> {
    let mut image = Image::new();
    let answer = image.words(&[0, 1_024, count, 0, 0, 0, 0]);
    grouping(image, &format!("(i32.const {answer})"))
}

/// A grouping policy whose answer has `count` groups that share a key of `key` bytes.
pub fn groups_that_share_a_key(count: u32, key: usize) -> Vec<u8> {
    let mut image = Image::new();
    let text = image.text(&vec![b'k'; key]);
    let records: Vec<u32> = (0..count).flat_map(|_| [text[0], text[1], 0, 0, 0, 0]).collect();
    let records = image.words(&records);
    let answer = image.words(&[0, records, count, 0, 0, 0, 0]);
    grouping(image, &format!("(i32.const {answer})"))
}

/// A grouping policy whose answer is neither of the two cases of a result.
pub fn neither_answer_nor_refusal() -> Vec<u8> {
    let mut image = Image::new();
    let answer = image.words(&[7, 0, 0, 0, 0, 0, 0]);
    grouping(image, &format!("(i32.const {answer})"))
}

/// A grouping policy whose `group` runs these instructions.
pub fn runs(instructions: &str) -> Vec<u8> {
    grouping(Image::new(), instructions)
}

/// A grouping policy that leaves this text for the host, as a policy that panics does, and crashes.
pub fn panics(text: &[u8]) -> Vec<u8> {
    let mut image = Image::new();
    image.text(&[b"albatross-panic-message:", text, b"\0"].concat());
    grouping(image, "unreachable")
}

/// A grouping policy with these additional definitions.
pub fn with(definitions: &str, instructions: &str) -> Vec<u8> {
    worlds::component(
        "grouping-policy",
        &(policy(Image::new(), &GROUP.replace("BODY", instructions), definitions)),
    )
}

/// A grouping policy whose start function runs these instructions.
pub fn starts_with(instructions: &str) -> Vec<u8> {
    with(&format!("(func $start {instructions})\n(start $start)"), "unreachable")
}

/// A subnet policy that always chooses these subnets, by index.
pub fn subnets(chosen: &[u32]) -> Vec<u8> {
    let mut image = Image::new();
    let list = image.indices(chosen);
    let reason = image.text(b"because");
    let answer = image.words(&[0, list[0], list[1], reason[0], reason[1]]);
    let function = SELECT.replace("BODY", &format!("(i32.const {answer})"));
    worlds::component("subnet-policy", &policy(image, &function, ""))
}

/// A subnet policy that chooses the first and the last candidate.
pub fn first_and_last_subnet() -> Vec<u8> {
    let mut image = Image::new();
    let list = image.indices(&[0, 0]);
    let answer = image.words(&[0, list[0], list[1], 0, 0]);
    let last = list[0] + 4;
    // The fifth parameter is the number of candidates.
    let body =
        format!("(i32.store (i32.const {last}) (i32.sub (local.get 4) (i32.const 1))) (i32.const {answer})");
    worlds::component("subnet-policy", &policy(image, &SELECT.replace("BODY", &body), ""))
}

/// A certificate policy that always makes these choices.
pub fn certificates(choices: &[Choice]) -> Vec<u8> {
    let mut image = Image::new();
    let reason = image.text(b"because");
    let records: Vec<u32> =
        choices.iter().flat_map(|choice| [choice.host, choice.certificate, reason[0], reason[1]]).collect();
    let records = image.words(&records);
    let answer = image.words(&[0, records, choices.len() as u32]);
    let function = CHOOSE.replace("BODY", &format!("(i32.const {answer})"));
    worlds::component("certificate-policy", &policy(image, &function, ""))
}

/// A policy of this world that crashes when it is asked.
pub fn crashes(world: &str) -> Vec<u8> {
    let function = match world {
        "grouping-policy" => GROUP,
        "subnet-policy" => SELECT,
        _ => CHOOSE,
    };
    worlds::component(world, &policy(Image::new(), &function.replace("BODY", "unreachable"), ""))
}

/// A policy for two points: grouping and subnets.
pub fn two_points() -> Vec<u8> {
    let functions = [GROUP, SELECT].concat().replace("BODY", "unreachable");
    worlds::component("policy-for-two-points", &policy(Image::new(), &functions, ""))
}

/// The text of a grouping policy, for any world.
pub fn grouping_text(definitions: &str) -> String {
    policy(Image::new(), &GROUP.replace("BODY", "unreachable"), definitions)
}

/// The functions of the points as the canonical ABI lowers them.
const GROUP: &str = r#"
(func $group (export "albatross:planner/grouping@0.1.0#group") (param i32 i32 i32 i32 i32 i32) (result i32) BODY)
"#;
const SELECT: &str = r#"
(func $select (export "albatross:planner/subnets@0.1.0#select") (param i32 i32 i32 i32 i32 i32 i32) (result i32) BODY)
"#;
const CHOOSE: &str = r#"
(func $choose (export "albatross:planner/certificates@0.1.0#choose") (param i32 i32 i64 i32 i32 i32 i32 i32 i32) (result i32)
    BODY)
"#;

fn grouping(image: Image, instructions: &str) -> Vec<u8> {
    worlds::component("grouping-policy", &policy(image, &GROUP.replace("BODY", instructions), ""))
}

/// A grouping policy that describes itself with this name, version and summary, and this schema of its settings.
pub fn describes(texts: [&str; 3], schema: &str) -> Vec<u8> {
    let points = GROUP.replace("BODY", "unreachable");
    worlds::component("grouping-policy", &described(Image::new(), &points, "", texts, Some(schema)))
}

/// The text of a policy without settings, with the functions of its points and further definitions.
fn policy(image: Image, points: &str, definitions: &str) -> String {
    described(image, points, definitions, ["test", "1.0.0", "A guest of the tests."], None)
}

/// The text of a policy that describes itself in this way.
fn described(
    mut image: Image,
    points: &str,
    definitions: &str,
    texts: [&str; 3],
    schema: Option<&str>,
) -> String {
    let texts: Vec<u32> = texts.iter().flat_map(|text| image.text(text.as_bytes())).collect();
    let schema = match schema {
        Some(schema) => [vec![1], image.text(schema.as_bytes()).to_vec()].concat(),
        None => vec![0, 0, 0],
    };
    let description = image.words(&[texts, schema].concat());
    let accepted = image.words(&[0, 0, 0]);
    format!(
        r#"(module
            {definitions}
            {memory}
            (func (export "albatross:planner/policy@0.1.0#describe") (result i32) (i32.const {description}))
            (func (export "albatross:planner/policy@0.1.0#validate-settings") (param i32 i32) (result i32)
                (i32.const {accepted}))
            {points}
            {REALLOC}
        )"#,
        memory = image.memory(),
    )
}

/// An allocator that never frees: it hands out the memory after the existing contents.
pub const REALLOC: &str = r#"
(global $free (mut i32) (i32.const 0))
(func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $place i32)
    (if (i32.eqz (global.get $free)) (then (global.set $free (i32.mul (memory.size) (i32.const 65536)))))
    (local.set $place (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $place) (local.get $size)))
    (if (i32.gt_u (global.get $free) (i32.mul (memory.size) (i32.const 65536)))
        (then (drop (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 65536)) (i32.const 1))))))
    (local.get $place))
"#;
