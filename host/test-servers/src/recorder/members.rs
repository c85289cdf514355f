//! Lists in the answers of the query services (Elastic Load Balancing, IAM): each item is a `<member>`.

const BEGIN: &str = "<member>";
const END: &str = "</member>";

/// Removes from an answer the outermost member that contains a text. (Members may contain lists with members.)
pub(super) fn without_member(answer: &str, text: &str) -> String {
    let mut depth = 0;
    let mut begin = 0;
    for (at, _) in answer.match_indices('<') {
        let rest = &answer[at..];
        if rest.starts_with(BEGIN) {
            if depth == 0 {
                begin = at;
            }
            depth += 1;
        } else if rest.starts_with(END) {
            depth -= 1;
            let end = at + END.len();
            if depth == 0 && answer[begin..end].contains(text) {
                return format!("{}{}", &answer[..begin], &answer[end..]);
            }
        }
    }
    answer.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outermost_member_with_the_text_is_removed() {
        let answer = "<List><member><Zones><member>a</member><member>b</member></Zones></member>\
                      <member><Zones><member>c</member></Zones></member></List>";
        let without_second =
            "<List><member><Zones><member>a</member><member>b</member></Zones></member></List>";
        let without_first = "<List><member><Zones><member>c</member></Zones></member></List>";
        assert_eq!(without_member(answer, ">c<"), without_second);
        assert_eq!(without_member(answer, ">b<"), without_first);
        assert_eq!(without_member(answer, ">d<"), answer);
    }
}
