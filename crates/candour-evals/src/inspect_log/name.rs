//! The names of log files, as Inspect's listings want them.

/// `2026-11-25T10-00-00+00-00_task_id.eval`. A listing shows a `.json` file only where its name begins
/// with a time like this one, and takes what stands between underscores for task and identifier.
pub fn file_name(created: &str, task: &str, id: &str, extension: &str) -> String {
    format!("{}_{}_{}.{extension}", plain(created), plain(task), plain(id))
}

/// The text with a dash for whatever has a meaning in such a name, or none in a file name.
fn plain(text: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || matches!(c, '+' | '-' | '.') { c } else { '-' };
    text.chars().map(kept).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_and_listed() {
        let cases = [
            ("my_task", "run1", "2026-11-25T10-00-00+00-00_my-task_run1.eval"),
            ("../a b", "x/y", "2026-11-25T10-00-00+00-00_..-a-b_x-y.eval"),
            ("Treth gyngor", "ŵ", "2026-11-25T10-00-00+00-00_Treth-gyngor_ŵ.eval"),
        ];
        for (task, id, expected) in cases {
            assert_eq!(file_name("2026-11-25T10:00:00+00:00", task, id, "eval"), expected);
        }
    }
}
