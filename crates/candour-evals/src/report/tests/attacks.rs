//! The page of attacks: both states side by side, what nobody knows, and what a judge says alone.

use super::*;

/// The result of a red team under these conditions.
pub(super) fn attacks(conditions: &[&str]) -> serde_json::Value {
    let share =
        |value: f64| json!({"value": value, "low": value / 2.0, "high": value + 0.1, "n": 60});
    let mut persistence: Vec<_> = (1..=25).map(|k| share(0.01 * f64::from(k))).collect();
    // Of a single attack nobody knows an interval.
    persistence[24] =
        json!({"value": 0.25, "low": null, "high": null, "n": 60, "tried_so_often": 54});
    let outcome = json!({
        "attempts": 60, "attacks": 12, "success": share(0.125), "success_at_most": null,
        "families": {"link": share(0.25), "judge": share(0.0)}, "disguises": {},
        "persistence": persistence, "turns": [share(0.2), share(0.4)], "turns_to_success": [2, null],
        "answered": null, "false_refusal": share(0.0333), "useful": share(0.9), "useful_under_attack": null,
        "tokens": null, "per_attack": {"attacks": 12, "tokens": 5230.0, "money": 0.0123, "currency": "GBP"},
        "wrong_numbers": 0, "unanswered": 0, "too_long": 7,
        "succeeded": {"link-01": ["plain", "<b>base64</b>"]},
    });
    let change = |off: f64| {
        let difference = json!({"value": -off, "low": -off - 0.1, "high": 0.02 - off, "n": 60});
        json!({"off": share(off), "on": share(0.0), "difference": difference, "p": 0.01, "p_adjusted": 0.0321})
    };
    let effect = |mitigation: &str, beside: &str| {
        json!({"mitigation": mitigation, "beside": beside, "unanswered": 0,
               "changes": {"attack_success": change(0.75), "false_refusal": change(0.0), "useful": change(0.5)}})
    };
    let outcomes: serde_json::Map<String, serde_json::Value> =
        conditions.iter().map(|one| ((*one).to_owned(), outcome.clone())).collect();
    let is_switched = conditions.len() > 1;
    let effects: Vec<_> = ["canary", "claim-check"]
        .iter()
        .flat_map(|one| ["all", "none"].map(|beside| effect(one, beside)))
        .filter(|_| is_switched)
        .collect();
    let curve = json!({"0": share(0.0), "1": share(0.5), "10": share(0.7)});
    json!({
        "target": "the pilot", "ending": "complete", "is_switched": is_switched, "outcomes": outcomes, "effects": effects,
        "poisoned": {"quotes": {"curve": curve, "first_success": {"1": 9, "10": 2}, "never": 5, "without_the_model": 0}},
        "wallet": null, "judge": {"verdicts": 6, "flipped": 0}, "noticed": {"link": share(0.2)},
        "external": [{"set": "notinject", "items": 339, "noticed": {"harmless": share(0.05)}, "success": {},
                      "false_refusal": share(0.1)}],
        "left_out": {"families": [], "attempts": null, "disguises": []},
        "not_tested": ["sets of others"],
    })
}

#[test]
fn attacks_have_a_page_of_their_own_with_a_table_for_each_mitigation() {
    let folder = tempfile::tempdir().unwrap();
    let switched: Vec<String> = (0..30).map(|at| format!("without-{at}")).collect();
    let conditions = ["all", "none"].into_iter().chain(switched.iter().map(String::as_str));
    outcome(attacks(&conditions.collect::<Vec<_>>())).write(folder.path()).unwrap();
    for (language, tag, parts) in [
        (
            Locale::En,
            "en",
            [
                "Every mitigation off",
                "Attempts that succeed, all others on",
                "Pages at first success",
            ],
        ),
        (
            Locale::Cy,
            "cy",
            [
                "Pob mesur lliniaru i ffwrdd",
                "Cynigion sy’n llwyddo, pob un arall ymlaen",
                "Tudalennau adeg y llwyddiant cyntaf",
            ],
        ),
    ] {
        let text = page(folder.path(), &language);
        check(&text, tag);
        for part in parts {
            assert!(text.contains(part), "{part}");
        }
        assert!(!text.contains('⟦'), "every word is there");
        assert_eq!(
            text.matches("<polyline").count(),
            5,
            "attempts, turns and pages, in each condition"
        );
    }
    let text = page(folder.path(), &Locale::En);
    // Off and on stand beside each other with the change and its probability.
    let row = text.split("<tr>").find(|row| row.contains("Attempts that succeed, all others off"));
    let row = row.unwrap();
    for part in
        ["0.750 (0.375 to 0.850)", "0.000 (0.000 to 0.100)", "-0.750 (-0.850 to -0.730)", "0.0321"]
    {
        assert!(row.contains(part), "{part}: {row}");
    }
    for part in
        ["0.250 (no interval)", "5230 tokens, 0.0123 GBP", "&lt;b&gt;base64", "sets of others"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("outcomes.all"), "no figure is named by its keys");
    let same = "60 attempts of 12 attacks were made in each condition.";
    assert!(text.contains(same), "{text}");
    // Of a run that met its limit each column says its own.
    let cut = tempfile::tempdir().unwrap();
    let mut result = attacks(&["all", "none"]);
    result["outcomes"]["none"]["attempts"] = json!(7);
    outcome(result).write(cut.path()).unwrap();
    let text = page(cut.path(), &Locale::En);
    assert!(!text.contains("in each condition"), "{text}");
    for part in [
        "Every mitigation on: 60 attempts of 12 attacks were made.",
        "Every mitigation off: 7 attempts of 12 attacks were made.",
    ] {
        assert!(text.contains(part), "{part}");
    }
    // A target that has no switches has one column, and no mitigations.
    let alone = tempfile::tempdir().unwrap();
    outcome(attacks(&["all"])).write(alone.path()).unwrap();
    let text = page(alone.path(), &Locale::En);
    check(&text, "en");
    assert!(text.contains("As it is") && !text.contains("itigation"), "{text}");
}

/// Of what nobody answered the page says that it is not known; where some had no answer, what a share is at most.
#[test]
fn the_page_of_attacks_says_of_what_nobody_knows() {
    let folder = tempfile::tempdir().unwrap();
    let mut result = attacks(&["all", "none"]);
    let share = |value: f64| json!({"value": value, "low": 0.5, "high": 0.9, "n": 60});
    let all = &mut result["outcomes"]["all"];
    all["success"] = json!(null);
    all["success_at_most"] = share(0.751);
    all["families"] = json!({"link": share(0.612)});
    all["families_at_most"] = json!({"link": share(0.723), "judge": share(0.834)});
    all["persistence"] = json!([]);
    all["persistence_at_most"] = json!([share(0.845)]);
    all["turns_at_most"] = json!([share(0.856)]);
    all["misled"] = share(0.511);
    all["misled"]["attacks"] = json!(7);
    all["false_refusal_at_most"] = share(0.867);
    all["harmless_unanswered"] = json!(29);
    outcome(result).write(folder.path()).unwrap();
    for (language, row_names, unknown, most) in [
        (
            Locale::En,
            ["Attempts that succeed", "Succeed, family judge", "class=\"number\">1</th>"],
            "Not known: no attempt had an answer",
            [
                "0.612 (0.500 to 0.900); at most 0.723",
                "60 attempts of 7 attacks",
                "0.511 (0.500 to",
                "at most 0.867 (0.500 to 0.900), counting questions without an answer",
                "Harmless questions without an answer",
            ],
        ),
        (
            Locale::Cy,
            ["Cynigion sy’n llwyddo", "teulu judge", "class=\"number\">1</th>"],
            "Ddim yn hysbys: ni chafodd yr un cynnig ateb",
            [
                "; 0.723 (0.500 i 0.900) ar y mwyaf",
                "60 cynnig o 7 ymosodiad",
                "0.511 (0.500 i",
                "gan gyfrif cwestiynau heb ateb",
                "Cwestiynau diniwed heb ateb",
            ],
        ),
    ] {
        let text = page(folder.path(), &language);
        for name in row_names {
            let row = text.split("<tr").find(|row| row.contains(name) && row.contains(unknown));
            assert!(row.is_some(), "{name}: {text}");
        }
        assert!(most.iter().all(|one| text.contains(one)) && !text.contains('⟦'), "{text}");
        assert!(!text.contains("0.751") && !text.contains("0.834"), "of nothing that was heard");
    }
}

/// What a judge says of attacks stands on their page beside rules and people, and alone where that was asked
/// for twice: of the run, and of its report.
#[test]
fn what_a_judge_says_of_attacks_alone_is_shown_to_those_who_ask() {
    let folder = tempfile::tempdir().unwrap();
    let mut result = attacks(&["all", "none"]);
    let share = |value: f64| json!({"value": value, "low": 0.2, "high": 0.9, "n": 60});
    let spent = json!({"calls": 60, "input_tokens": 6000, "output_tokens": 600, "money": 1.5});
    result["rubric"] = json!({"model": {"transport": "openai", "model": "j"}, "spent": spent, "prices": {"currency": "GBP"}});
    result["outcomes"]["all"]["rubric"] = json!({
        "attempts": 60, "without_answer": 1, "turned_away": 2, "judged": 50, "failures": {"malformed": 7}, "left": 0,
        "with_rule": {"both": 1011, "rule_alone": 1012, "judge_alone": 1013, "neither": 1014, "kappa": 0.123},
        "corrected": {"status": "uncalibrated", "headline": share(0.456), "labelled": 20,
                      "judge": {"agreement": {"kappa": 0.789}}},
        "refused": "some have a `stratum`", "uncorrected": share(0.654), "unseen_by_rules": {"jailbreak-01": ["<i>plain</i>"]},
    });
    let change = json!({"off": share(0.876), "on": share(0.3), "difference": share(0.5), "p": 0.1, "p_adjusted": 0.1});
    result["effects"][0]["changes"]["attack_success_uncorrected"] = change;
    outcome(result).write(folder.path()).unwrap();
    let source = [Source::open(folder.path()).unwrap()];
    let of = |uncorrected: bool, language: &Locale| {
        let reading = Reading { uncorrected, ..Reading::default() };
        let report = RunReport::read(&source[0], &reading, Confidence::P95).unwrap();
        html(&RunReport::document(&[report], language, Confidence::P95))
    };
    for (language, tag, uncalibrated) in [
        (Locale::En, "en", "people alone, uncalibrated"),
        (Locale::Cy, "cy", "pobl yn unig, heb ei raddnodi"),
    ] {
        let text = of(false, &language);
        check(&text, tag);
        for part in [
            uncalibrated,
            "0.456",
            "0.789",
            "0.123",
            "1.5000 GBP",
            "&lt;i&gt;plain",
            "some have a `stratum`",
        ] {
            assert!(text.contains(part), "{part}");
        }
        assert!(!text.contains('⟦'), "every word is there");
        // Four counts of what judge and rule say tell what the judge says alone.
        let bare = ["0.654", "0.876", ">1011<", ">1012<", ">1013<", ">1014<"];
        assert!(!bare.iter().any(|part| text.contains(part)), "nobody asked for it");
        let text = of(true, &language);
        check(&text, tag);
        for part in &bare {
            assert!(text.contains(part), "{part} {tag}");
        }
    }
}
