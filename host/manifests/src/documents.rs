//! Splits a text into documents, which are parsed separately, so that a broken document does not hide the next.

/// The text of one document, or of several that `...` separates.
pub(crate) struct Chunk<'a> {
    pub(crate) text: &'a str,
    /// The line of its first character, from 1.
    pub(crate) line: usize,
}

/// Splits where a line begins with `---`: YAML allows that nowhere else, not even in a block of text. Several JSON
/// objects one after the other are split too, as in kubectl. Chunks with only comments are left out.
pub(crate) fn split(text: &str) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let mut current = Chunk { text, line: 1 };
    let mut start = 0;
    let mut content: Option<Content> = None;
    let mut offset = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let marker = line
            .strip_prefix("---")
            .filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if marker.is_some()
            && let Some(content) = content.take()
        {
            current.text = &text[start..offset];
            close(current, content, &mut chunks);
            start = offset;
            current = Chunk { text, line: index + 1 };
        }
        let body = marker.unwrap_or(line).trim_start();
        if content.is_none() && !body.is_empty() && !body.starts_with(['#', '%']) {
            content = Some(Content { offset: offset + line.len() - body.len() - start, line: index + 1 });
        }
        offset += line.len();
    }
    if let Some(content) = content {
        current.text = &text[start..];
        close(current, content, &mut chunks);
    }
    chunks
}

/// Where the content of a chunk begins, after markers, comments and directives.
#[derive(Clone, Copy)]
struct Content {
    offset: usize,
    line: usize,
}

/// Adds a complete chunk; JSON is split once more.
fn close<'a>(chunk: Chunk<'a>, content: Content, chunks: &mut Vec<Chunk<'a>>) {
    let body = &chunk.text[content.offset..];
    if body.starts_with('{') {
        split_json(body, content.line, chunks);
    } else {
        chunks.push(chunk);
    }
}

/// Splits after each bracket that closes the outermost one.
fn split_json<'a>(text: &'a str, mut line: usize, chunks: &mut Vec<Chunk<'a>>) {
    let (mut start, mut depth) = (0, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    push_json(&text[start..=offset], &mut line, chunks);
                    start = offset + 1;
                }
            }
            _ => {}
        }
    }
    push_json(&text[start..], &mut line, chunks);
}

/// Adds a piece unless it is blank, and moves the line on to its end.
fn push_json<'a>(piece: &'a str, line: &mut usize, chunks: &mut Vec<Chunk<'a>>) {
    let body = piece.trim_start();
    let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
    *line += lines(&piece[..piece.len() - body.len()]);
    if !body.is_empty() {
        chunks.push(Chunk { text: body, line: *line });
    }
    *line += lines(body);
}
