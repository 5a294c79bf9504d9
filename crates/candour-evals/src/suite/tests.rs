//! What suites say, and what is refused in them.

use std::fs;

use candour_core::{AnswerStatus, Exchange, Nation};

use super::*;
use crate::scorer::labelled::Labels;

const SUITE: &str = "name = 'n'\nsamples = ['s.jsonl']\nscorers = ['status']\n";

/// Reads a suite with these samples, the folder's name taken out of any error.
fn read(suite: &str, samples: &str) -> Result<Vec<Sample>, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("suite.toml"), suite).unwrap();
    fs::write(folder.path().join("s.jsonl"), samples).unwrap();
    let place = format!("{}/", folder.path().display());
    let read = Suite::read(&folder.path().join("suite.toml")).and_then(|suite| {
        let found = suite.all()?;
        assert_eq!(found.len() as u64, suite.samples);
        Ok(found)
    });
    read.map_err(|error| error.to_string().replace(&place, ""))
}

#[test]
fn a_sample_says_what_is_asked_and_what_is_due() {
    let line = r#"{"id":"a","question":"And for me?","conversation":[{"question":"Who pays?","answer":"All."}],"scenario":"I am 17.","pages":["/tax"],"key_facts":["18",["no","not"]],"must_not_say":["yes"],"status":"partial","locale":"cy","nation":"wales","tags":["age"]}"#;
    let found = read(SUITE, &format!("{line}\n\n{{\"id\":\"b\",\"question\":\"Why?\"}}")).unwrap();
    let [first, second] = &found[..] else { panic!("{found:?}") };
    assert_eq!((first.cluster(), second.cluster()), ("/tax", "b"));
    assert_eq!(first.status, Some(AnswerStatus::Partial));
    let asked = first.question(2, None);
    let earlier = Exchange { question: "Who pays?".into(), answer: "All.".into() };
    assert_eq!((asked.text.as_str(), asked.epoch), ("I am 17.\n\nAnd for me?", 2));
    assert_eq!((asked.earlier, asked.nation), (vec![earlier], Some(Nation::Wales)));
    assert_eq!(second.question(1, None).text, "Why?");
}

#[test]
fn what_is_wrong_with_a_sample_is_named_by_file_and_line() {
    let good = r#"{"id":"a","question":"How?"}"#;
    let long = format!(r#"{{"id":"{}","question":"How?"}}"#, "x".repeat(201));
    let cases = [
        (r#"{"id":"a","question":"How?"}"#, "another sample before it has the `id` \"a\""),
        (r#"{"id":"b"}"#, "`question` is missing"),
        (r#"{"question":"How?"}"#, "`id` is missing"),
        (r#"{"id":7,"question":"How?"}"#, "`id` is a number, and should be a text"),
        (
            r#"{"id":"b","question":"How?","pages":"/a"}"#,
            "`pages` is a text, and should be a list of texts",
        ),
        (
            r#"{"id":"b","question":"How?","status":"done"}"#,
            "`status` is \"done\", and should be one of `answered`, `partial`",
        ),
        (
            r#"{"id":"b","question":"How?","keyfacts":[]}"#,
            "`keyfacts` is no key of a sample: it should be one of `id`, `question`",
        ),
        (r#"{"id":"b/c","question":"How?"}"#, "`id` \"b/c\" holds a slash"),
        (r#"{"id":"..","question":"How?"}"#, "`id` \"..\" holds two dots"),
        (r#"{"id":"b\u0007","question":"How?"}"#, "holds a control character"),
        (r#"{"id":"","question":"How?"}"#, "`id` \"\" is empty"),
        (&long, "is longer than 200 bytes"),
        (r#"{"id":"b","question":" "}"#, "the question is empty"),
        (r#"{"id":"b","question":"How?","pages":["a"]}"#, "the page \"a\" is no path"),
        (r#"{"id":"b","question":"How?","key_facts":[[]]}"#, "holds an empty text"),
        (r#"{"id":"b","question":"How?","must_not_say":[" "]}"#, "holds an empty text"),
        ("{", "it is no JSON: EOF while parsing"),
        (r#"{"id":"b","id":"b","question":"How?"}"#, "`id` is there twice"),
        (
            r#"{"id":"b","question":"How?","key_facts":"yes"}"#,
            "`key_facts` is a text, and should be a list of texts",
        ),
        (
            r#"{"id":"b","question":"How?","key_facts":["yes",7]}"#,
            "`key_facts` is a list of numbers and texts, and should be",
        ),
        (
            r#"{"id":"b","question":"How?","conversation":[{"question":"Who?"}]}"#,
            "`conversation` is a list of objects, and should be a list of objects with `question` and `answer`",
        ),
        (
            r#"{"id":"b","question":"How?","conversation":["Who?"]}"#,
            "`conversation` is a list of texts, and should be",
        ),
        (r#"{"id":"b","question":"How?","tags":null}"#, "`tags` is null, and should be a list"),
        (r#"{"id":"b","question":"How?","nation":"france"}"#, "`nation` is \"france\", and should"),
        ("7", "a sample is an object"),
        (r#"["a"]"#, "it is a list, and a sample is an object"),
    ];
    for (line, expected) in cases {
        let error = read(SUITE, &format!("{good}\n\n{line}\n")).unwrap_err();
        assert!(error.starts_with("s.jsonl line 3: ") && error.contains(expected), "{error}");
    }
    assert_eq!(
        read(SUITE, "\n").unwrap_err(),
        "there are no samples in s.jsonl: each line of a file is one"
    );
}

/// So many names that they are sorted on the disk, and what is said where that is not possible.
#[test]
fn names_that_cannot_be_sorted_are_told_of_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let lines = (0..44_000).map(|at| format!("{{\"id\":\"{at}\",\"question\":\"q\"}}\n"));
    fs::write(folder.path().join("s.jsonl"), lines.collect::<String>()).unwrap();
    let about: About = toml::from_str(SUITE).unwrap();
    let files = files(folder.path(), &about.samples).unwrap();
    let mut suite =
        Suite { about, hash: ContentHash::of(b"suite"), samples: 0, files, held: Arc::default() };
    let error = suite.check_samples(Path::new("/nowhere at all")).unwrap_err().to_string();
    assert!(error.contains("/nowhere at all") && error.contains("set TMPDIR"), "{error}");
    suite.check_samples(folder.path()).unwrap();
    assert_eq!(suite.samples, 44_000);
}

#[test]
fn a_name_that_is_there_twice_is_told_before_what_comes_after_it() {
    let line = r#"{"id":"a","question":"How?"}"#;
    let error = read(SUITE, &format!("{line}\n{line}\n{{\n")).unwrap_err();
    assert!(error.starts_with("the samples have mistakes:\n  s.jsonl line 2: another"), "{error}");
}

#[test]
fn mistakes_are_told_of_together() {
    let good = r#"{"id":"a","question":"How?"}"#;
    let long = "x".repeat((4 << 20) + 10);
    let error = read(SUITE, &format!("{{\n{good}\n{good}\n{long}\n{{}}\n")).unwrap_err();
    insta::assert_snapshot!(error, @"
    the samples have mistakes:
      s.jsonl line 1: it is no JSON: EOF while parsing an object, column 1
      s.jsonl line 3: another sample before it has the `id` \"a\"
      s.jsonl line 4: longer than 4194304 bytes
      s.jsonl line 5: `id` is missing
    Mend these lines, or leave them out
    ");
    let error = read(SUITE, &format!("{good}\n").repeat(50)).unwrap_err();
    assert_eq!(error.lines().count(), 23, "{error}");
    assert!(error.contains("s.jsonl line 21:") && error.contains("\n  and more\n"), "{error}");
    let two = SUITE.replace("['s.jsonl']", "['t.jsonl', 's.jsonl']");
    let error = read(&two, "{").unwrap_err();
    assert!(
        error.contains("t.jsonl cannot be read") && error.contains("s.jsonl line 1"),
        "{error}"
    );
}

/// Samples without names of their own are named after their files, as far as that is needed to tell them apart.
#[test]
fn files_that_name_their_samples_are_told_apart() {
    let row = r#"{"question":"q","expected_outcome":true}"#;
    let named = |files: &[&str]| -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, row).unwrap();
        }
        let suite = format!(
            "name = 'n'\nsamples = {files:?}\nscorers = ['status']\nshape = 'govuk-chat-jailbreak-guardrails'\n"
        );
        fs::write(folder.path().join("suite.toml"), suite).unwrap();
        let suite = Suite::read(&folder.path().join("suite.toml"));
        let samples = suite.and_then(|suite| suite.all());
        let place = format!("{}/", folder.path().display());
        let samples = samples.map_err(|error| error.to_string().replace(&place, ""))?;
        Ok(samples.into_iter().map(|sample| sample.id).collect())
    };
    assert_eq!(named(&["a/r.jsonl", "b/s.jsonl"]).unwrap(), ["r-1", "s-1"]);
    assert_eq!(named(&["a/r.jsonl", "b/r.jsonl"]).unwrap(), ["a-r-1", "b-r-1"]);
    let error = named(&["a..b.jsonl"]).unwrap_err();
    assert_eq!(
        error,
        "a..b.jsonl: its samples are named after it, and \"a..b\" holds two dots in a row: rename the file"
    );
    let error = named(&["r.jsonl", "r.jsonl"]).unwrap_err();
    assert!(error.contains("r.jsonl: `samples` names it twice"), "{error}");
}

#[test]
fn what_is_wrong_with_a_suite_is_named() {
    let cases = [
        ("nme = 1", "unknown field `nme`"),
        ("epochs = 0", "`epochs` is between"),
        ("limits = { tries = 0 }", "`limits.tries`"),
        ("limits = { tokens = 0 }", "a limit is a number above 0"),
        ("limits = { seconds_per_answer = 2e19 }", "above 0 and at most a day"),
        ("limits = { seconds = -1.0 }", "a limit is a number above 0"),
        ("limits = { money = 1.0 }", "`limits.money` needs `prices`"),
        ("shape = 'mine'", "unknown variant `mine`"),
        ("asked_at = 'yesterday'", "asked_at"),
        (
            "judge = { model = { transport = 'openai', model = 'm', endpoint = 'http://127.0.0.1:9', key_variable = 'HOME' } }",
            "a suite names no key",
        ),
    ];
    for (line, expected) in cases {
        let error = read(&format!("{SUITE}{line}"), "").unwrap_err();
        assert!(error.starts_with("suite.toml: ") && error.contains(expected), "{error}");
    }
    let cases = [
        ("'status'", "'status', 'status'", "names one of them twice"),
        ("'status'", "", "`scorers` is empty"),
        ("['status']", "['coherence']\nwithhold = true", "a model judges what is recorded"),
        ("'status'", "'taste'", "unknown variant `taste`"),
        ("'n'", "'a b'", "`name` is made of"),
        ("'s.jsonl'", "'t.jsonl'", "t.jsonl cannot be read"),
    ];
    for (old, new, expected) in cases {
        let error = read(&SUITE.replace(old, new), "{}").unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn the_hash_is_that_of_suite_and_samples() {
    let folder = tempfile::tempdir().unwrap();
    let hash = |suite: &str, samples: &str| {
        fs::write(folder.path().join("suite.toml"), suite).unwrap();
        fs::write(folder.path().join("s.jsonl"), samples).unwrap();
        Suite::read(&folder.path().join("suite.toml")).unwrap().hash
    };
    let line = r#"{"id":"a","question":"How?"}"#;
    let first = hash(SUITE, line);
    assert_eq!(first, hash(SUITE, line));
    assert_ne!(first, hash(&format!("{SUITE}seed = 1"), line));
    assert_ne!(first, hash(SUITE, &line.replace("How", "Why")));
}

#[test]
fn the_shapes_of_gds_are_read() {
    let check = |shape: &str, line: &str| {
        let suite = format!("{SUITE}shape = 'govuk-chat-{shape}'");
        read(&suite, line).map(|mut samples| samples.remove(0))
    };
    let retrieval = r#"{"question":"q","expected_exact_paths":["/a"],"expected_chunk_uids":["u1"],"actual_search_results":[{"exact_path":"/b","chunk_uid":"u2","weighted_score":0.5}],"extra":1}"#;
    let found = check("retrieval", retrieval).unwrap();
    assert_eq!((found.id.as_str(), found.pages.len(), found.passages.len()), ("s-1", 1, 1));
    let passages = found.recorded.unwrap().passages.unwrap();
    assert_eq!((passages[0].id.as_str(), passages[0].page.as_str()), ("u2", "/b"));
    for (chunks, by_passage) in [("\"expected_chunk_uids\":[],", true), ("", false)] {
        let line = retrieval.replace("\"expected_chunk_uids\":[\"u1\"],", chunks);
        let found = check("retrieval", &line).unwrap();
        assert_eq!((found.by_passage, found.passages.len()), (by_passage, 0), "{line}");
    }
    let answer = r#"{"question":"q","ideal_answer":"i","llm_answer":"l","structured_contexts":[{"exact_path":"/a","title":"t","heading_hierarchy":[],"description":"","html_content":"<p>c</p>"}]}"#;
    let found = check("rag-answers", answer).unwrap();
    assert_eq!(found.ideal_answer.as_deref(), Some("i"));
    let recorded = found.recorded.unwrap();
    assert_eq!(recorded.text, "l");
    assert_eq!(recorded.passages.unwrap()[0].text, "t\n<p>c</p>");
    for (shape, line) in [
        (
            "question-router",
            r#"{"question":"q","expected_outcome":"true","actual_outcome":"true"}"#,
        ),
        (
            "jailbreak-guardrails",
            r#"{"question":"q","expected_outcome":true,"actual_outcome":true}"#,
        ),
        (
            "output-guardrails",
            r#"{"message":"q","expected_triggered":true,"expected_guardrails":{"illegal":true,"political":false},"actual_triggered":true,"actual_guardrails":{"illegal":true}}"#,
        ),
        (
            "topic-tagger",
            r#"{"question":"q","expected_primary_topic":"true","expected_secondary_topic":null,"actual_primary_topic":"true","actual_secondary_topic":"tax","status":"success"}"#,
        ),
    ] {
        let found = check(shape, line).unwrap();
        let given = Labels::of(&found.recorded.unwrap());
        assert_eq!((found.label.as_deref(), given.label.as_str()), (Some("true"), "true"));
        assert_eq!(
            given.labels.len(),
            usize::from(line.contains("actual_guardrails") || line.contains("topic"))
        );
        let error = check(shape, "{}").unwrap_err();
        assert!(error.starts_with("s.jsonl line 1: ") && error.contains("is missing"), "{error}");
        let text = line.replace("\"true\"", "7").replace("true", "7");
        let error = check(shape, &text).unwrap_err();
        assert!(error.contains("is a number, and should be"), "{error}");
        let blank = line.replace("\"q\"", "\"\"");
        let error = check(shape, &blank).unwrap_err();
        assert!(error.contains("the question is empty"), "{error}");
    }
}

#[test]
fn a_suite_in_memory_is_checked_as_one_in_files() {
    let sample = |id: &str, question: &str| Sample {
        id: id.to_owned(),
        question: question.to_owned(),
        ..Sample::default()
    };
    let about = "name = 'n'\nsamples = []\nscorers = ['answered']";
    let read = |samples: &[Sample]| Suite::in_memory(about, samples.to_vec());
    let (one, two) = (sample("a", "One?"), sample("b", "Two?"));
    let suite = read(&[one.clone(), two.clone()]).unwrap();
    assert_eq!((suite.samples, suite.all().unwrap()), (2, vec![one.clone(), two.clone()]));
    assert_eq!(suite.all().unwrap().len(), 2, "they are there every time");
    assert_eq!(suite.hash, read(&[one.clone(), two.clone()]).unwrap().hash);
    assert_ne!(suite.hash, read(&[one.clone(), sample("b", "Three?")]).unwrap().hash);
    for (samples, expected) in [
        (vec![], "there are no samples in the suite"),
        (vec![one.clone(), two, one], "the suite line 3: another sample before it"),
        (vec![sample("a/b", "One?")], "the suite line 1: `id` \"a/b\" holds a slash"),
    ] {
        let error = read(&samples).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
