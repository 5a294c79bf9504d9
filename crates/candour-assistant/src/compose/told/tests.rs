//! What people reply, and which of several circumstances it tells.

use super::*;

#[test]
fn what_is_said_of_a_person_is_told_from_what_is_looked_for() {
    for (text, expected) in [
        ("he is 40", true),
        ("I was born in 1945", true),
        ("Mae hi’n 40 oed", true),
        ("banana", false),
        ("bin collection days", false),
        ("how old must he be", false),
    ] {
        assert_eq!(is_of_a_person(text), expected, "{text}");
    }
}

/// Which of the circumstances each reply tells.
fn check(locale: &Locale, labels: &[&str], question: &str, replies: &[(&str, Option<usize>)]) {
    let offered = Offered { labels, question, locale };
    for (reply, expected) in replies {
        assert_eq!(offered.told_by(reply), *expected, "{reply}");
    }
}

#[test]
fn ages_are_told_by_those_who_have_them() {
    let ages = ["Children aged 5 to 10", "Children aged 11 to 16"];
    check(
        &Locale::En,
        &ages,
        "How much is a swimming lesson?",
        &[
            ("he is 7", Some(0)),
            ("He’s 7.", Some(0)),
            ("my daughter is 12 years old", Some(1)),
            ("12", Some(1)),
            ("12 years old", Some(1)),
            ("she is 10 and a half", Some(0)),
            ("she is between 11 and 14", Some(1)),
            ("they are 7 and 12", None),
            ("he is 40", None),
            // A bound is not its number, nor is what is near it.
            ("he is under 11", None),
            ("she is over 10", None),
            ("she is older than 10", None),
            ("he is about 10", None),
            ("he is 10+", None),
            ("he is not 7", None),
            ("he isn’t 7", None),
            // Something else is another question.
            ("my missing bin is at number 7", None),
            ("my swimming lesson is at 7", None),
            ("a lesson for 7 of us", None),
            ("Can I get 7 bins for my house?", None),
            ("I need 7 bins", None),
            ("I need 7 lessons", None),
            ("I rent flat 7", None),
            ("banana", None),
            ("", None),
        ],
    );
    let pensions = ["Under 65", "65 or over"];
    check(
        &Locale::En,
        &pensions,
        "How much is the heating grant?",
        &[
            ("I am under 65", Some(0)),
            ("I am over 65", Some(1)),
            ("I am 65", Some(1)),
            ("I am over 60", None),
            ("I am not over 65", None),
        ],
    );
}

#[test]
fn dates_are_told_of_what_has_them() {
    let births = [
        "If you were born before 23 September 1945",
        "If you were born on or after 23 September 1945",
    ];
    check(
        &Locale::En,
        &births,
        "How much is the heating grant?",
        &[
            ("I was born in 1950", Some(1)),
            ("born 3 May 1940", Some(0)),
            ("1950", Some(1)),
            ("May 1950", Some(1)),
            ("before 1930", Some(0)),
            ("I was born in 1945", None),
            ("My mother was born before 1930", Some(0)),
            ("I was not born before 1930", None),
            ("council tax 1950", None),
        ],
    );
    let tenancies = [
        "Tenancies that began before 1 April 2020",
        "Tenancies that began on or after 1 April 2020",
    ];
    check(
        &Locale::En,
        &tenancies,
        "How much is the allotment rent?",
        &[
            ("mine began in 2015", Some(0)),
            ("my tenancy began in May 2021", Some(1)),
            ("2015", Some(0)),
            ("council tax 2026", None),
            ("I need school term dates for 2026", None),
            ("my rent in 2026", None),
            ("allotment rent 2026", None),
            ("I was born in 1950", None),
        ],
    );
}

#[test]
fn homes_and_chairs_are_told_and_denied() {
    let homes = ["If you rent your home", "If you own your home"];
    check(
        &Locale::En,
        &homes,
        "How much is the moving grant?",
        &[
            ("I am a tenant", Some(0)),
            ("we have a mortgage", Some(1)),
            ("I live with my parents", None),
            ("I'm not a tenant", None),
            ("I do not rent", None),
            ("I don’t rent", None),
            ("we no longer rent", None),
            ("I rent a garage", None),
            ("how much is it for my tenant", None),
            ("flat rate council tax for tenants", None),
        ],
    );
    let chairs = ["1 to 6 chairs", "7 to 12 chairs"];
    let replies = [("we have 8 chairs", Some(1)), ("8", Some(1)), ("my 8 tables", None)];
    check(&Locale::En, &chairs, "", &replies);
}

#[test]
fn people_say_it_in_welsh() {
    let ages = ["Plant 5 i 10 oed", "Plant 11 i 16 oed"];
    check(
        &Locale::Cy,
        &ages,
        "Faint yw gwers nofio?",
        &[
            ("mae hi’n 7 oed", Some(0)),
            ("Mae fy merch yn 12 mlwydd oed", Some(1)),
            ("rhwng 11 a 14 oed", Some(1)),
            ("mae e dan 11", None),
            ("mae hi dros 10 oed", None),
            ("mae hi’n hŷn na 10", None),
            ("mae e tua 10 oed", None),
            ("dydy hi ddim yn 7 oed", None),
            ("mae fy min coll yn rhif 7", None),
        ],
    );
    let births =
        ["Os cawsoch eich geni cyn 23 Medi 1945", "Os cawsoch eich geni ar neu ar ôl 23 Medi 1945"];
    check(
        &Locale::Cy,
        &births,
        "Faint yw’r grant gwresogi?",
        &[
            ("Ces i fy ngeni yn 1950", Some(1)),
            ("1940", Some(0)),
            ("Ces i fy ngeni ym mis Mai 1950", Some(1)),
            ("Ganwyd fi ar 3 Mai 1940", Some(0)),
            ("cyn 1930", Some(0)),
            ("treth gyngor 2026", None),
            ("mae angen dyddiadau tymor ysgol 2026 arnaf i", None),
        ],
    );
    let homes = ["Os ydych yn rhentu", "Os ydych yn berchen ar eich cartref"];
    check(
        &Locale::Cy,
        &homes,
        "Faint yw’r grant symud?",
        &[
            ("Rwy’n rhentu", Some(0)),
            ("Mae gen i forgais", None),
            ("Mae morgais gyda fi", Some(1)),
            ("Dw i ddim yn rhentu", None),
            ("Dydyn ni ddim yn rhentu", None),
            ("Nid wyf yn rhentu, dw i yma", None),
        ],
    );
}
