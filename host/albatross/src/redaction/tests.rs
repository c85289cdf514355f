//! Nothing that identifies anybody is left, whatever it is and wherever it is.

use albatross_contract::{Bundle, shapes};
use serde_json::{Value, json};

use super::{Keep, Kept, Mapping, kinds::Kind, mapping::Collection, shape::Shape, translation::Translation};

/// Texts of every form that a recording has, each of which says who it is from.
const TEXTS: [&str; 32] = [
    "canary",
    "Canary-Shop",
    "shop-canary-7",
    "*.canary.example.org",
    "canary.internal.example.org",
    "arn:aws:acm:eu-central-1:987654321098:certificate/6a0bca5a-4f10-4f3c-9a3b-6c2a0bca5a11",
    "arn:aws:elasticloadbalancing:eu-central-1:987654321098:loadbalancer/app/canary/6a0bca5a6a0bca5a",
    "subnet-6a0bca5a6a0bca5a6",
    "aws:///eu-central-1a/i-6a0bca5a6a0bca5a6",
    "10.97.31.7",
    "10.97.31.0/24",
    "2a05:d014:97:31::7/128",
    "ip-10-97-31-7.eu-central-1.compute.internal",
    "10.97.31.7:8080",
    "/canary/index.html",
    "^/canary/\\d+$",
    "https://login.canary.example.org/oauth2?client=canary&port=443",
    r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":"503","messageBody":"canary\nsaid \"no\""}}"#,
    "Environment=canary,Team=canary-shop",
    "kubernetes.io/cluster/canary",
    "User 987654321098 of Canary, Inc. (canary@example.org) is not authorized",
    "canary_shop.canary",
    "CanaryShop",
    "k8s-canary-9876543210",
    "private-10.97.31.0-24",
    "eks-10-97-31-0-24",
    "10.97.31.7-10.97.31.20",
    "web-2-10-97-31-7",
    "10.97.31.7-8080",
    "node10-97-31-7",
    "team:2a05:d014:97:31::7",
    "93-97-216-34-7",
];

/// What must not be left. UUIDs and ids have the letters of one of them.
const SECRETS: [&str; 6] = ["canary", "987654321098", "9876543210", "6a0bca5a", "97", "d014"];

fn collected(texts: &[(Kind, &str)], keep: &Keep) -> Mapping {
    let mut collection = Collection::default();
    for (kind, text) in texts {
        collection.add(*kind, text, keep);
    }
    Mapping::new(collection, keep)
}

fn leaks(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    SECRETS.into_iter().find(|secret| lower.contains(secret))
}

#[test]
fn no_form_of_text_leaks() {
    let all: Vec<(Kind, &str)> = TEXTS.iter().map(|text| (Kind::Pair, *text)).collect();
    let mapping = collected(&all, &Keep::default());
    for text in TEXTS {
        let redacted = mapping.text(text);
        assert_eq!(leaks(&redacted), None, "{text} -> {redacted}");
        let marks = |text: &str| text.chars().filter(|it| !it.is_alphanumeric()).collect::<String>();
        if !text.contains("::") {
            assert_eq!(marks(&redacted), marks(text), "{text} -> {redacted}");
        }
    }
}

/// A value of a type of the schema in which every text is this one.
fn filled(schema: &Value, definitions: &Value, depth: usize, text: &mut dyn FnMut() -> String) -> Vec<Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return filled(&definitions[name], definitions, depth + 1, text);
    }
    if let Some(content) = schema["anyOf"].as_array() {
        return filled(&content[0], definitions, depth, text);
    }
    if let Some(cases) = schema["oneOf"].as_array() {
        return cases.iter().flat_map(|case| filled(case, definitions, depth, text)).collect();
    }
    if let Some(constant) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return vec![constant.clone()];
    }
    match schema["type"].as_str().unwrap() {
        "string" => vec![json!(text())],
        "integer" => vec![json!(1)],
        "boolean" => vec![json!(true)],
        "array" => vec![Value::Array(filled(&schema["items"], definitions, depth, text))],
        "object" => {
            assert!(depth < 40, "a type contains itself");
            let mut object = serde_json::Map::new();
            for (name, schema) in schema["properties"].as_object().unwrap() {
                let first = filled(schema, definitions, depth, text).into_iter().next().unwrap();
                object.insert(name.clone(), first);
            }
            vec![Value::Object(object)]
        }
        other => panic!("{other}"),
    }
}

fn visited(shape: &Shape, value: &Value, visit: &mut dyn FnMut(Kind, &mut String)) -> Value {
    let mut value = value.clone();
    shape.visit("bundle", &mut value, visit);
    value
}

#[test]
fn no_field_of_a_bundle_leaks() {
    let schema = shapes::schema_of_file::<Bundle>();
    let shape = Shape::new(&schema);
    let mut texts = 0;
    let mut next = || {
        texts += 1;
        TEXTS[texts % TEXTS.len()].to_owned()
    };
    let bundle = filled(&schema["$defs"]["bundle"], &schema["$defs"], 0, &mut next).remove(0);
    assert!(texts > 200, "{texts} texts");
    let mut collection = Collection::default();
    let keep = Keep::default();
    // Values that AWS defines are no texts of people.
    let bundle = visited(&shape, &bundle, &mut |kind, text| match kind {
        Kind::Fixed | Kind::Place => "eu-central-1".clone_into(text),
        kind => collection.add(kind, text, &keep),
    });
    let mapping = Mapping::new(collection, &keep);
    let redacted = visited(&shape, &bundle, &mut |kind, text| match kind {
        Kind::Prose => "redacted".clone_into(text),
        _ => *text = mapping.text(text),
    });
    let redacted = redacted.to_string();
    assert_eq!(leaks(&redacted), None, "{redacted}");
}

#[test]
fn names_keep_their_order() {
    let names = [
        "api.example.org",
        "shop-a.example.org",
        "shop.example.org",
        "shopa.example.org",
        "shop2.example.org",
        "*.shop.example.org",
        "zebra",
        "alpha/x",
        "alpha-x",
        "alpha/x-1",
        "alpha/x-2",
        "beta/x",
    ];
    let mut names = names.to_vec();
    names.sort_unstable();
    let all: Vec<(Kind, &str)> = names.iter().map(|name| (Kind::Host, *name)).collect();
    let keep = Keep::default();
    let mapping = collected(&all, &keep);
    let redacted: Vec<String> = names.iter().map(|name| mapping.text(name)).collect();
    // `api` and `alpha` are words of the vocabulary or begin before `n`, in which pseudonyms begin.
    let named = |text: &&String| text.trim_start_matches("*.").starts_with('n');
    let mut sorted = redacted.clone();
    sorted.sort();
    assert_eq!(
        redacted.iter().filter(named).collect::<Vec<_>>(),
        sorted.iter().filter(named).collect::<Vec<_>>()
    );
}

#[test]
fn paths_keep_their_lengths_and_beginnings() {
    let paths = ["/orders", "/orders/open", "/order", "/orders-open", "/Orders", "/v1/orders", "/"];
    let all: Vec<(Kind, &str)> = paths.iter().map(|path| (Kind::Request, *path)).collect();
    let mapping = collected(&all, &Keep::default());
    let redacted: Vec<String> = paths.iter().map(|path| mapping.text(path)).collect();
    for (one, other) in paths.iter().zip(&redacted) {
        assert_eq!(one.len(), other.len());
        for (two, another) in paths.iter().zip(&redacted) {
            assert_eq!(one.cmp(two), other.cmp(another), "{one} {two}");
            assert_eq!(one.starts_with(two), other.starts_with(another.as_str()), "{one} {two}");
        }
    }
    assert!(!redacted.concat().contains("order"), "{redacted:?}");
}

#[test]
fn what_is_kept_stays() {
    let texts = [
        (Kind::Account, "987654321098"),
        (Kind::Host, "pay.example.org"),
        (Kind::Name, "billing"),
        (Kind::Id, "subnet-6a0bca5a6a0bca5a6"),
        (Kind::Address, "10.97.31.7"),
        (Kind::Request, "/orders"),
        (Kind::Pair, "squad=seven"),
    ];
    let texts_of = |keep: &Keep| {
        let mapping = collected(&texts, keep);
        texts.map(|(_, text)| mapping.text(text) == text)
    };
    assert_eq!(texts_of(&Keep::default()), [false; 7]);
    for (number, kept) in [Kept::Accounts, Kept::Hosts, Kept::Names, Kept::Ids, Kept::Addresses, Kept::Paths]
        .into_iter()
        .enumerate()
    {
        let keep = Keep { kinds: [kept].into(), words: Vec::new() };
        let mut expected = [false; 7];
        expected[number] = true;
        assert_eq!(texts_of(&keep), expected, "{kept:?}");
    }
    let keep = Keep { kinds: [].into(), words: vec!["Squad".to_owned(), "seven".to_owned()] };
    assert!(texts_of(&keep)[6]);
}

#[test]
fn a_redacted_text_can_be_translated_back() {
    let texts = [
        "checkout-7.pay.example.org",
        "arn:aws:acm:eu-central-1:987654321098:certificate/6a0bca5a-4f10-4f3c-9a3b-6c2a0bca5a11",
        "Namespace Billing, account 987654321098",
    ];
    let all = texts.map(|text| (Kind::Pair, text));
    let mapping = collected(&all, &Keep::default());
    let translation = Translation::new(&mapping);
    for text in texts {
        let redacted = mapping.text(text);
        assert_ne!(redacted, text);
        assert_eq!(translation.back(&format!("Why {redacted}?")), format!("Why {text}?"));
    }
}

#[test]
fn what_was_not_collected_is_refused() {
    let mapping = collected(&[(Kind::Pair, "shop 10.0.0.1 /orders 123456789012")], &Keep::default());
    for known in ["shop", "10.0.0.1", "/orders", "123456789012", "internal", "8080"] {
        assert!(mapping.collected(known).is_some(), "{known}");
    }
    for other in [
        "canary",
        "10.97.31.7",
        "/order-forms",
        "987654321098",
        "6a0bca5a-4f10-4f3c-9a3b-6c2a0bca5a11",
        "shop-9876543210",
    ] {
        assert_eq!(mapping.collected(other), None, "{other}");
    }
}

#[test]
fn a_kept_word_stays_in_paths_too() {
    let keep = Keep { kinds: [].into(), words: vec!["orders".to_owned()] };
    let mapping = collected(&[(Kind::Request, "/orders/canary")], &keep);
    let redacted = mapping.text("/orders/canary");
    assert!(redacted.starts_with("/orders/") && leaks(&redacted).is_none(), "{redacted}");
}

#[test]
fn expressions_stay_valid() {
    let paths = [r"^/canary/[a-z0-9]{2,3}/(?<id>\d+)$", "/(canary|shop)/#{path}", r"/\u00e9canary/$1"];
    let all: Vec<(Kind, &str)> = paths.iter().map(|path| (Kind::Request, *path)).collect();
    let mapping = collected(&all, &Keep::default());
    for (path, parts) in
        paths.iter().zip([vec!["[a-z0-9]{2,3}", r"\d+)$"], vec!["/#{path}"], vec![r"/\u00e9", "/$1"]])
    {
        let redacted = mapping.text(path);
        assert_eq!((redacted.len(), leaks(&redacted)), (path.len(), None), "{redacted}");
        assert!(parts.iter().all(|part| redacted.contains(part)), "{redacted}");
    }
}

#[test]
fn paths_with_letters_of_many_alphabets_stay_different() {
    let paths: Vec<String> =
        (0..100).map(|number| format!("/{}", char::from_u32(0x3b1 + number).unwrap())).collect();
    let paths: Vec<&String> =
        paths.iter().filter(|path| path.chars().all(|it| it == '/' || it.is_alphanumeric())).collect();
    let all: Vec<(Kind, &str)> = paths.iter().map(|path| (Kind::Request, path.as_str())).collect();
    let mapping = collected(&all, &Keep::default());
    let redacted: std::collections::BTreeSet<String> = paths.iter().map(|path| mapping.text(path)).collect();
    assert!(paths.len() > 62 && redacted.len() == paths.len(), "{redacted:?}");
}

#[test]
fn a_label_of_a_node_is_no_zone_of_aws() {
    let texts =
        [(Kind::Place, "eu-central-1a"), (super::kinds::kind("endpoint.zone").unwrap(), "canary-rack")];
    let mapping = collected(&texts, &Keep::default());
    assert_eq!(mapping.text("eu-central-1a"), "eu-central-1a");
    assert_eq!(leaks(&mapping.text("canary-rack")), None);
}
