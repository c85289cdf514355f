//! Addresses of pages with their queries.

use form_urlencoded::{Serializer, parse};

/// The names and values of a query.
pub type Query = Vec<(String, String)>;

/// Reads a query.
pub fn read(query: &str) -> Query {
    parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The first value with a name.
pub fn value<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().find(|(found, _)| found == name).map(|(_, value)| value.trim())
}

/// The address of a page with a value.
pub fn address(page: &str, name: &str, value: &str) -> String {
    let query = Serializer::new(String::new()).append_pair(name, value).finish();
    format!("{page}?{query}")
}
