//! Transforms in annotations (`transforms.NAME`): rewrites of the URL and of the host.

use albatross_contract::{Rewrite, RuleTransform};

use super::{
    expressions,
    json::{Fault, Field, parse},
};

/// The longest regular expression or replacement of a rewrite (ELBv2 API, RewriteConfig).
const LONGEST: usize = 1_024;

/// Reads a list of transforms: at most one of each kind (ELBv2 API, CreateRule, `Transforms`).
pub fn read(text: &str) -> Result<Vec<RuleTransform>, Fault> {
    let value = parse(text)?;
    let list = Field::whole(&value);
    let items = list.items("a list of transforms")?;
    let mut transforms: Vec<RuleTransform> = Vec::new();
    for item in &items {
        let transform = transform(item)?;
        let is_same =
            |other: &RuleTransform| std::mem::discriminant(other) == std::mem::discriminant(&transform);
        if transforms.iter().any(is_same) {
            return Err(item.wrong("is the second transform of its type, expected at most one of each"));
        }
        transforms.push(transform);
    }
    Ok(transforms)
}

fn transform(item: &Field<'_>) -> Result<RuleTransform, Fault> {
    let mut fields = item.fields()?;
    let kinds = &[("url-rewrite", true), ("host-header-rewrite", false)];
    let is_url = fields.required("type")?.choice(kinds, "url-rewrite or host-header-rewrite")?;
    let config = fields.required(if is_url { "urlRewriteConfig" } else { "hostHeaderRewriteConfig" })?;
    fields.no_others()?;
    let mut inner = config.fields()?;
    let list = inner.required("rewrites")?;
    inner.no_others()?;
    let rewrites: Result<Vec<Rewrite>, Fault> =
        list.items("a list of rewrites")?.iter().map(rewrite).collect();
    Ok(if is_url {
        RuleTransform::UrlRewrite(rewrites?)
    } else {
        RuleTransform::HostHeaderRewrite(rewrites?)
    })
}

fn rewrite(item: &Field<'_>) -> Result<Rewrite, Fault> {
    let mut fields = item.fields()?;
    let expression = fields.required("regex")?;
    let regular_expression = expression
        .text("a regular expression of up to 1024 characters", |text| text.len() <= LONGEST)?
        .to_owned();
    if let Some(fault) = expressions::fault(&regular_expression) {
        return Err(expression.wrong(format!("{regular_expression:?} {fault}")));
    }
    let replacement = fields
        .required("replace")?
        .text("a replacement of up to 1024 characters", |text| text.len() <= LONGEST)?
        .to_owned();
    fields.no_others()?;
    Ok(Rewrite { regular_expression, replacement })
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Rewrite, RuleTransform};

    use super::read;

    fn rewrites(regular_expression: &str, replacement: &str) -> Vec<Rewrite> {
        vec![Rewrite {
            regular_expression: regular_expression.to_owned(),
            replacement: replacement.to_owned(),
        }]
    }

    #[test]
    fn a_rewrite_of_the_url_and_of_the_host_is_read() {
        let text = r#"[
            {"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"^\\/api\\/(.+)$","replace":"/$1"}]}},
            {"type":"host-header-rewrite","hostHeaderRewriteConfig":
                {"rewrites":[{"regex":"^(.+)\\.example\\.com$","replace":"$1.example.org"}]}}]"#;
        assert_eq!(
            read(text),
            Ok(vec![
                RuleTransform::UrlRewrite(rewrites(r"^\/api\/(.+)$", "/$1")),
                RuleTransform::HostHeaderRewrite(rewrites(r"^(.+)\.example\.com$", "$1.example.org")),
            ])
        );
    }

    #[test]
    fn an_invalid_transform_is_reported_with_the_field() {
        let url = |rewrite: &str| {
            format!(r#"{{"type":"url-rewrite","urlRewriteConfig":{{"rewrites":[{rewrite}]}}}}"#)
        };
        let good = url(r#"{"regex":"^/a","replace":""}"#);
        assert!(read(&format!("[{good}]")).is_ok());
        for (text, field, message) in [
            ("{}".to_owned(), "", "is an object, expected a list of transforms"),
            (
                r#"[{"type":"rewrite"}]"#.into(),
                "[0].type",
                "is \"rewrite\", expected url-rewrite or host-header-rewrite",
            ),
            (r#"[{"type":"url-rewrite"}]"#.into(), "[0].urlRewriteConfig", "is missing"),
            (
                format!("[{good},{good}]"),
                "[1]",
                "is the second transform of its type, expected at most one of each",
            ),
            (
                format!("[{}]", url(r#"{"regex":"(a","replace":""}"#)),
                "[0].urlRewriteConfig.rewrites[0].regex",
                "\"(a\" has a ( without a )",
            ),
            (
                format!("[{}]", url(r#"{"regex":"a"}"#)),
                "[0].urlRewriteConfig.rewrites[0].replace",
                "is missing",
            ),
        ] {
            let told = read(&text).unwrap_err();
            assert_eq!((told.field.as_str(), told.message.as_str()), (field, message), "{text}");
        }
    }
}
