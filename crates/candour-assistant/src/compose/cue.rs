//! What kind of statement would answer a question: an amount, a date, a condition, a list, a place.

use std::sync::LazyLock;

use candour_core::UnitKind;
use regex::Regex;

use crate::words::phrase;

/// A kind of statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// How much: money, a percentage or free of charge.
    Amount,
    /// How many.
    Number,
    /// When or how long: dates and durations.
    Time,
    /// When: a date, a time of day, or so long before or after something.
    Moment,
    /// How long: so many days, or until when.
    Duration,
    /// Who can get something: the conditions of qualifying.
    Who,
    /// Who, can I, am I: conditions.
    Eligibility,
    /// What is needed: a list of documents or steps.
    Requirement,
    /// How something is done.
    Method,
    /// Where.
    Location,
    /// Whom to reach.
    Contact,
}

/// Patterns in a question, in English and in Welsh, over a lower-case phrase without apostrophes.
const ASKED: [(Cue, &str); 9] = [
    (
        Cue::Who,
        r"\bwho (can|is able to|may|gets?|qualifies|is (eligible|entitled))\b|\b(do|would|will|does|am|is) (i|we|he|she|my \w+) (qualify|eligible|entitled)\b|\bcan i (claim|get)\b|\bwhen you (need|can)\b|\bpwy syn (gallu|cael|gymwys)\b|\bpwy sydd? (yn gallu|yn cael|yn gymwys)\b|\bga i gael\b",
    ),
    (
        Cue::Amount,
        r"\bhow much\b|\b(cost|costs|price|prices|fees?|charges?|amount|rate|afford|fine|max|maximum|cheaper|how much it)\b|\bpay (for|if|anything|the)\b|\bmoney off\b|^(is|are) .{1,60} free( of charge)?\??$|\bam ddim\??$|\bfaint (ywr?|ydyr?|ydir?|mae|maer|maen|fydd|fyddr|o arian)\b|\b(cost|gost|costio|gostio|pris|bris|ffi|tal|talu|dalu|disgownt|ddisgownt|gostyngiad)\b",
    ),
    (Cue::Number, r"\bhow many\b|\bsawl\b|\bfaint o\b"),
    (
        Cue::Time,
        r"\b(when|wen|how long|how soon|deadlines?|dates|how soon|how late|how far (ahead|back)|deadline|what (day|date|time)|by what date|by when|time limit|how fast|how quickly|how often|how much (notice|time)|opening times?|open|until|still|enough notice|close|closes)\b|\b(pryd|phryd|bryd|[bp]h?a mor (hir|fuan|aml)|ba hyd|am faint|faint o amser|faint or gloch|dyddiad(au)?|pa ddiwrnod)\b|\bfaint\b.{0,15}\b[cg]ymryd\b",
    ),
    (
        Cue::Eligibility,
        r"\b(who|who can|can (i|we|my|he|she|they|you)|could i|am i|are we|do (i|we) (get|qualify|have to|need)|does (he|she|it|my)|will (i|we|you|my)|eligible|entitled|qualify|allowed|should i|may i|would (he|she|i|we)|is (it|that|he) (right|enough|legal))\b|\b(pwy|alla i|alla|ga i|gaf i|ydw i|oes gen i|oes rhaid|a oes|hawl|all |oes angen|allwn ni|gawn ni|ydyn ni|(a (yw|ydy|ydi)|ydy|ydi) (fy|ein|e|o|hi|nhw|hynny)|(gaiff|caiff) (fy|ein|e|o|hi|nhw)|fydd fy)\b",
    ),
    (
        Cue::Requirement,
        r"\b(what (do|will|would) (i|we) (need|have to)|what (documents?|evidence|proof|information|id)|which documents?|what should i (bring|send|include)|requirements?)\b|\b(beth sydd (ei )?angen|pa (ddogfennau|dystiolaeth|brawf))\b",
    ),
    (
        Cue::Method,
        r"\b(how (do|can|would|should|to) |how do|how can|what (can|should|do) (i|we) do|where do i (apply|send|pay)|ways? to)\b|\b(sut|beth (alla|ddylwn) i ei wneud)\b",
    ),
    (
        Cue::Location,
        r"\b(where|address|which (office|centre)|nearest|closest)\b|\b(ble|lle|cyfeiriad)\b",
    ),
    (
        Cue::Contact,
        r"\b(who (do|can|should) (i|we) (tell|call|ring|contact|phone|speak|report|ask)|phone( number)?|telephone|number (for|to)|contact|e-?mail|ring|call|help)\b|\b(ffonio|rhif( ffon)?|cysylltu|e-?bost|pa rif)\b",
    ),
];

/// A date, a day, a time of day, an age, or so long before or after something: `within 28 days`.
const MOMENT: &str = r"(?xi)
    \b\d{1,2}([:.]\d\d)?\ ?[ap]m\b | \b(noon|midday|midnight|hanner\ (dydd|nos))\b
    | \b\d{1,2}(st|nd|rd|th|af|ain|eg|fed)?\ (o\ )?(january|february|march|april|may|june|july|august|september|october|november|december|ionawr|chwefror|mawrth|ebrill|f?mai|f?mehefin|[gn]?g?orffennaf|awst|f?medi|hydref|[td]h?achwedd|n?r?h?agfyr)\b
    | \b(in|since|from|until|by|ym|yn|ers|tan|erbyn)\ (mis\ )?(january|february|march|april|may|june|july|august|september|october|november|december|ionawr|chwefror|f?mawrth|ebrill|f?mai|f?mehefin|ngorffennaf|gorffennaf|awst|medi|hydref|nhachwedd|tachwedd|rhagfyr)\b
    | \b(within|in|after|before|by|every|o\ fewn|ymhen|erbyn|cyn\ pen|ar\ [oô]l|wedi|cyn|bob)\ (the\ end\ of\ |diwedd\ )?(\d+|one|two|three|four|six|twelve|un|dau|dwy|tri|tair|pedwar|pedair)\ (o\ )?((working|calendar)\ )?(minute|hour|day|week|month|year|awr|oriau|munud|[dn]{0,2}iwrnod|wythnos|f?mis|[bmf]?lynedd)
    | \b(\d+|one|two|three|four|six|twelve)\ ((working|calendar)\ )?(minutes?|hours?|days?|weeks?|months?|years?)\ (before|after|from|ago|of)\b
    | \b\d+\ (o\ )?(awr|oriau|munud|[dn]?d?iwrnod(au)?|wythnos|f?mis|[bmf]?lynedd)\ (cyn|ar\ [oô]l|wedi|i)\b
    | \b(at\ age|aged|yn)\ \d+\b
    | \b(immediately|straight\ away|today|tomorrow|every\ (day|week|month|year)|as\ soon\ as|(mon|tues|wednes|thurs|fri|satur|sun)days?|weekdays?|ar\ unwaith|cyn\ gynted|heddiw|yfory|bob\ (dydd|wythnos|mis|blwyddyn)|(d?dydd|nos)\ (llun|mawrth|mercher|iau|gwener|sadwrn|sul))\b";

/// So many days, from when until when, or for ever.
const DURATION: &str = r"(?xi)
    \b(\d+|an?|half\ an|one|two|three|four|five|six|seven|eight|nine|ten|twelve)[-\ ](full\ |more\ |extra\ )?((working|calendar|school)[-\ ])?(minute|hour|day|night|week|month|year|term)s?\b
    | \b(\d+|un|dau|dwy|tri|tair|pedwar|pedair|pum|pump|chwe|chwech|saith|wyth|naw|deg|deng|deuddeg|deuddeng)\ (o\ )?(awr|oriau|munud(au)?|([dn]|dd)iwrnod(au)?|nosw?(aith|eithiau)|wythnos(au)?|[fm]?is(oedd)?|([bfm])?lynedd)\b
    | \b(until|till|up\ to|tan|hyd\ at|hyd\ nes)\b
    | \b\d{1,2}([:.]\d\d)?\ ?[ap]m\ (to|until|[-–]|i|tan)\ \d
    | \b(for\ (life|ever)|forever|lifetime|permanent(ly)?|no\ (time\ )?limit|indefinitely|am\ (oes|byth)|parhaol|dim\ terfyn)\b";

/// Patterns in a unit that would answer.
const ANSWERS: [(Cue, &str); 11] = [
    (
        Cue::Who,
        r"(?i)\byou (may |might |can |will )?(also |still |automatically )?(qualify|be able to get|be eligible|are eligible)\b|\b(can|may) (also |still |only )?(get|claim|apply|make a (new )?claim)\b.{0,60}\bif\b|\b(gallwch|gewch|cewch)( chi)? (hefyd )?(wneud cais|gael).{0,60}\bos\b|\byn gymwys\b",
    ),
    (
        Cue::Amount,
        r"(?i)£ ?\d|\d ?%|\b\d+p\b|\bper cent\b|\bfree\b|\bno (charge|fee)\b|\bpay nothing\b|\bam ddim\b|\by cant\b",
    ),
    (
        Cue::Number,
        r"(?i)\b\d+\b|\b(one|two|three|four|five|six|seven|eight|nine|ten|un|dau|dwy|tri|tair|pedwar|pump|chwech)\b",
    ),
    (
        Cue::Time,
        r"(?i)\b\d{1,2}(:\d\d)?(am|pm)\b|\b\d{1,2} (january|february|march|april|may|june|july|august|september|october|november|december|ionawr|chwefror|mawrth|ebrill|mai|mehefin|gorffennaf|awst|medi|hydref|tachwedd|rhagfyr)\b|\b(\d+|one|two|three|four|six|twelve) (working |calendar )?(minutes?|hours?|days?|weeks?|months?|years?)\b|\b\d+ ?(awr|diwrnod|wythnos|mis|blynedd|mlynedd|o ddiwrnodau|ddiwrnod)\b|\b(at age|aged) \d+|\b(immediately|straight away|every day|monday|tuesday|wednesday|thursday|friday|saturday|sunday|ar unwaith|bob dydd)\b",
    ),
    (Cue::Moment, MOMENT),
    (Cue::Duration, DURATION),
    (
        Cue::Eligibility,
        r"(?i)\b(you|they|he|she|we|it) (can|cannot|may|must|do not|should|will|need|qualify|only)\b|\b(if|unless|only|must|eligible|aged|entitled|allowed)\b|\b(gallwch|allwch|rhaid|os|oni bai|dim ond|cewch|gewch|ni chewch|hawl|oed)\b|^(no|yes|nac|oes|ie|na)\b",
    ),
    (
        Cue::Requirement,
        r"(?i)\b(you (will )?(also )?need|include|proof|bring|send|provide|certificate|bydd angen|mae angen|prawf|tystiolaeth)\b",
    ),
    (
        Cue::Method,
        r"(?i)^(apply|call|phone|contact|tell|report|pay|use|go to|send|write|ask|fill|book|put|take|check|complete|email|visit|make|challenge|register|gwnewch|ffoniwch|cysylltwch|defnyddiwch|anfonwch|rhowch|talwch|ewch|gofynnwch|ysgrifennwch)\b|\b(online|by phone|in writing|ar-lein|dros y ff[oô]n)\b|\byou (can|must|should) (apply|call|phone|contact|tell|report|pay|use|go|send|write|ask|book)\b",
    ),
    (
        Cue::Location,
        r"\b(?i:at|in|near|opposite) (the )?[A-Z]|\b[A-Z]{1,2}\d{1,2} \d[A-Z]{2}\b|(?i)\b(street|road|centre|office|stryd|ffordd|canolfan|swyddfa)\b",
    ),
    (
        Cue::Contact,
        r"(?i)\b0\d{2,4} ?\d{3,4} ?\d{3,4}\b|\b(999|111|101)\b|@|\b(call|phone|contact|ffoniwch|cysylltwch)\b",
    ),
];

/// Patterns by which a question plainly asks for an amount, a time, how long or a way to reach someone: an answer
/// without it leaves the question open.
const DEMANDED: [(Cue, &str); 4] = [
    (
        Cue::Amount,
        r"\bhow much (is|are|does|do|will|would|can|could|should|did|was|money|for)\b|\bwhat (is|are|was) the (current |new )?(cost|price|fee|charge|fine|rate)s?\b|\bwhat does .{1,60} cost\b|^(is|are) .{1,60} free( of charge)?\??$|\bam ddim\??$|\bfaint (ywr?|ydyr?|ydir?|mae|maer|maen|fydd|fyddr|o arian|syn)\b|\bbeth (ywr?|ydyr?) (cost|pris|ffi)\b",
    ),
    (
        Cue::Moment,
        r"^(when|pryd|(erbyn|tan|o) (ba )?b?p?h?ryd) (is|are|do|does|did|will|can|must|should|mae|maer|maen|ydy|yw|fydd|bydd|alla|ga|gaf|ddylwn|rhaid|oes|ywr|dylwn|gallaf|caf)\b|\b(what|which|pa) (date|day|time|ddiwrnod|ddyddiad|amser)\b|\bby when\b|\berbyn pryd\b|\bfaint or gloch\b",
    ),
    (
        Cue::Duration,
        r"\bhow long (do|does|will|is|are|have|must|can|should)\b|\b(am|ers|tan) (ba hyd|faint o amser)\b|\bpa mor hir\b|\bfaint o amser\b|\bam faint (o amser )?(mae|maer|maen|y|alla|ga|gaf|fydd|bydd)\b|\bfaint\b.{0,15}\b[cg]ymryd\b",
    ),
    (
        Cue::Contact,
        r"\b(phone|telephone) number\b|\bnumber (for|to (call|ring|phone))\b|\bwho (do|can|should) (i|we) (call|ring|contact|phone|speak to|e-?mail)\b|\brhif ffon\b|\bgyda phwy\b",
    ),
];

/// Patterns of a second question in one sentence: an answer to the first alone leaves it open.
const JOINED: [(Cue, &str); 5] = [
    (Cue::Amount, r"\S and how much\b|\S a faint (ywr?|ydyr?|ydir?|mae|maer|maen|fydd|fyddr)\b"),
    (Cue::Moment, r"\S and (when|how soon|by when)\b|\S a (phryd|erbyn pryd|pha mor fuan)\b"),
    (Cue::Duration, r"\S and how long\b|\S a (pha mor hir|am ba hyd|faint o amser)\b"),
    (Cue::Contact, r"\S and who (do|can|should) (i|we) (call|ring|contact|phone|speak|tell|ask)\b"),
    (Cue::Method, r"\S and how (do|can|should|would|to)\b|\S a sut\b"),
];

static JOINED_RULES: LazyLock<Vec<(Cue, Regex)>> = LazyLock::new(|| compiled(&JOINED));
static DEMANDED_RULES: LazyLock<Vec<(Cue, Regex)>> = LazyLock::new(|| compiled(&DEMANDED));
static ASKED_RULES: LazyLock<Vec<(Cue, Regex)>> = LazyLock::new(|| compiled(&ASKED));
static ANSWER_RULES: LazyLock<Vec<(Cue, Regex)>> = LazyLock::new(|| compiled(&ANSWERS));

fn compiled(patterns: &[(Cue, &str)]) -> Vec<(Cue, Regex)> {
    patterns.iter().filter_map(|(cue, pattern)| Some((*cue, Regex::new(pattern).ok()?))).collect()
}

/// Adds the cues of a sentence of the question, or of a heading.
pub(super) fn add(cues: &mut Vec<Cue>, sentence: &str) {
    add_matching(cues, sentence, &ASKED_RULES);
}

/// Adds the cues that an answer to the sentence may not leave open.
pub(super) fn add_demanded(cues: &mut Vec<Cue>, sentence: &str) {
    add_matching(cues, sentence, &DEMANDED_RULES);
    // `Faint mae’n ei gymryd?` and `Am faint mae’n para?` ask how long.
    if ["cymryd", "gymryd", "am faint "].iter().any(|takes| phrase(sentence).contains(takes)) {
        cues.retain(|cue| *cue != Cue::Amount);
    }
}

/// Adds the cues that the second of two questions in the sentence asks for.
pub(super) fn add_joined(cues: &mut Vec<Cue>, sentence: &str) {
    add_matching(cues, sentence, &JOINED_RULES);
}

fn add_matching(cues: &mut Vec<Cue>, sentence: &str, rules: &[(Cue, Regex)]) {
    let text = phrase(sentence).replace(['ô', 'â'], "o");
    for (cue, rule) in rules {
        if rule.is_match(&text) && !cues.contains(cue) {
            cues.push(*cue);
        }
    }
}

/// What a word asks for by itself: an amount, a time or a way to reach someone.
pub(super) fn of_word(word: &str) -> Option<Cue> {
    let rules = ASKED_RULES.iter().filter(|(_, rule)| rule.is_match(word));
    let mut cues = rules.map(|(cue, _)| *cue);
    cues.find(|cue| matches!(cue, Cue::Amount | Cue::Time | Cue::Contact))
}

/// Whether a word asks for something by itself, and names no subject. A fine is one, and an amount.
pub(crate) fn asks_by_itself(word: &str) -> bool {
    of_word(word).is_some() && word != "fine"
}

/// Whether a word asks by itself whom to reach.
pub(crate) fn asks_whom_to_reach(word: &str) -> bool {
    of_word(word) == Some(Cue::Contact)
}

/// The cues that a unit answers.
pub(super) fn answered(text: &str, kind: UnitKind) -> Vec<Cue> {
    let rules = ANSWER_RULES.iter().filter(|(_, rule)| rule.is_match(text));
    let mut cues: Vec<Cue> = rules.map(|(cue, _)| *cue).collect();
    if kind == UnitKind::Item && !cues.contains(&Cue::Requirement) {
        cues.push(Cue::Requirement);
    }
    cues
}

/// Whether a question with these cues wants whole lists rather than single items.
pub(super) fn wants_lists(cues: &[Cue]) -> bool {
    cues.iter()
        .any(|cue| matches!(cue, Cue::Who | Cue::Requirement | Cue::Eligibility | Cue::Method))
        && !cues.iter().any(|cue| matches!(cue, Cue::Amount | Cue::Number | Cue::Time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!((ASKED_RULES.len(), ANSWER_RULES.len(), DEMANDED_RULES.len()), (9, 11, 4));
    }

    #[test]
    fn questions_show_what_would_answer_them() {
        for (question, expected) in [
            ("how much is a permit", Cue::Amount),
            ("By when do I have to register?", Cue::Time),
            ("Who can get a Blue Badge?", Cue::Eligibility),
            ("Who can get a Blue Badge?", Cue::Who),
            ("Pwy sy’n gallu cael Bathodyn Glas?", Cue::Who),
            ("Faint yw hi? A yw fy mhlentyn yn gymwys?", Cue::Eligibility),
            ("Faint yw hi ac ydy fy mhlentyn yn ei gael?", Cue::Eligibility),
            ("Faint yw hi ac a ydy hi am ddim iddo?", Cue::Eligibility),
            ("Gaiff fy mam un?", Cue::Eligibility),
            ("What do I need to bring?", Cue::Requirement),
            ("How do I challenge my band?", Cue::Method),
            ("Where do batteries go?", Cue::Location),
            ("who do i tell", Cue::Contact),
            ("Faint yw trwydded barcio?", Cue::Amount),
            ("Pryd mae gwyliau'r hydref?", Cue::Time),
        ] {
            let mut cues = Vec::new();
            add(&mut cues, question);
            assert!(cues.contains(&expected), "{question}: {cues:?}");
        }
    }

    #[test]
    fn some_questions_stay_open_without_an_amount_a_time_or_a_contact() {
        for (question, expected) in [
            ("How much is a permit?", Some(Cue::Amount)),
            ("How much notice do I have to give?", None),
            ("Is a garden waste subscription free?", Some(Cue::Amount)),
            ("Who can get free school meals?", None),
            ("Faint mae’n ei gostio?", Some(Cue::Amount)),
            ("Faint yw’r ddirwy os ydw i’n hwyr?", Some(Cue::Amount)),
            ("Beth yw’r ffi?", Some(Cue::Amount)),
            ("When do I have to register a birth?", Some(Cue::Moment)),
            ("What happens when I move?", None),
            ("Pryd mae gwyliau’r hydref?", Some(Cue::Moment)),
            ("Faint o amser sydd gen i i gofrestru?", Some(Cue::Duration)),
            ("Am ba hyd y mae trwydded yn para?", Some(Cue::Duration)),
            ("Am faint mae trwydded yn para?", Some(Cue::Duration)),
            ("Faint mae’n ei gymryd?", Some(Cue::Duration)),
            ("Who do I call about a dead badger?", Some(Cue::Contact)),
            ("Can I get help with my rent?", None),
        ] {
            let mut cues = Vec::new();
            add_demanded(&mut cues, question);
            assert_eq!(cues.first().copied(), expected, "{question}: {cues:?}");
        }
    }

    #[test]
    fn a_time_is_told_from_how_long() {
        for (unit, is_moment, is_duration) in [
            ("A permit lasts 12 months.", false, true),
            ("It takes about two weeks.", false, true),
            ("It is for life.", false, true),
            ("A permit costs £12.", false, false),
            ("Apply by 31 March 2027.", true, false),
            ("Bins are emptied on Tuesdays.", true, false),
            ("Come at 9:30am.", true, false),
            ("Register it within 42 days.", true, true),
            ("Apply 8 weeks before you move.", true, true),
            ("You can stay until 5 May.", true, true),
            ("Open 9am to 5pm.", true, true),
            ("Mae trwydded yn para 12 mis.", false, true),
            ("Mae’n cymryd dwy wythnos.", false, true),
            ("Mae’n para am oes.", false, true),
            ("Gwnewch gais erbyn 31 Mawrth 2027.", true, false),
            ("Rydym yn gwagio biniau ar ddydd Mawrth.", true, false),
            ("Cofrestrwch o fewn 42 diwrnod.", true, true),
            ("Mae trwydded yn costio £12.", false, false),
        ] {
            let cues = answered(unit, UnitKind::Sentence);
            let found = (cues.contains(&Cue::Moment), cues.contains(&Cue::Duration));
            assert_eq!(found, (is_moment, is_duration), "{unit}");
        }
    }

    #[test]
    fn units_show_what_they_answer() {
        for (unit, expected) in [
            ("A permit costs £42.", Cue::Amount),
            ("Mae cofrestru am ddim.", Cue::Amount),
            ("Wales | Free", Cue::Amount),
            ("Cymru | Am ddim", Cue::Amount),
            ("Two bins for each home.", Cue::Number),
            ("Street Lane Depot", Cue::Location),
            ("Apply within 28 days.", Cue::Time),
            ("You qualify without further assessment if you are aged 2 or over and:", Cue::Who),
            ("You can apply if you live alone.", Cue::Eligibility),
            ("Call 029 2018 0100.", Cue::Contact),
            ("Report it online.", Cue::Method),
        ] {
            assert!(answered(unit, UnitKind::Sentence).contains(&expected), "{unit}");
        }
    }
}
