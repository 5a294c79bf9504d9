//! Words that say nothing of a text's subject, in English and in Welsh.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Whether a word in lower case without accents is a function word or a word that any question holds.
pub(super) fn is_stop_word(word: &str, welsh: bool) -> bool {
    let list = if welsh { &WELSH } else { &ENGLISH };
    list.contains(word)
        || (word.len() == 1
            && welsh
            && !word.starts_with(|c: char| c.is_ascii_digit() || ('c'..='h').contains(&c)))
}

/// English function words and words that any question may hold.
pub(crate) static ENGLISH: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "
    a able about actually after again ago all already also always am an and another any anybody
    anymore anyone anything are aren around as ask at away back be because been before being
    believe between big bit both but by can cannot cant could couldn did didn do does doesn doing
    don done dont down during each either else even ever every everyone far few for from fully
    further get gets getting give go goes going got had hadn happen happens has hasn have haven
    having he heard hello her here hers hes hi him his how huge i if im in into is isn it its ive
    just keep kind know later left like little ll long lot m make many massive may maybe me might
    mine more most much must my myself near nearer nearest need needs no nor not now of off often
    ok on once only or other our out over own per please plus possible put quick rang re really
    right s said same say saying says shall she should since so some someone something sort still
    stuff such sure t take taking tell than that thats the their them then there these they thing
    think thinking this those though thought through till to today told tomorrow tonight too under
    until up us use used ve very want wants was wasn wasnt way ways we went were what whats when
    where whether which while who whole whose why will with without won wonder wondering would
    yesterday yet
    "
    .split_whitespace()
    .collect()
});

/// Welsh particles, articles, pronouns, forms of `bod`, of `gallu` and of prepositions, and words that any
/// question may hold. `Dod â` is to bring, so that no form of `dod` is among them. Languages are told by
/// these words too, so that none is among them that is common in another.
pub(crate) static WELSH: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "
    a ac achos aeth af ag alla allaf allai allech alli allwch allwn am amdanaf amdano amdanyn
    angen ar arall arna arnaf arni arno arnoch arnon arnyn arnynt at ataf ato atoch bellach beth
    ble bod bosib bosibl bu bydd byddaf byddai byddan byddwch byddwn byth cael caf cafodd caiff cawn
    cawsom cefais cei cewch chael chaf chaiff chi chwi chymryd cymryd cyn dan ddefnyddio ddigwydd ddim
    ddoe ddweud ddylai ddylen ddylid ddylwch ddylwn defnyddio digwydd dim does dros drwy dw dweud
    dwi dy dylai dylen dylid dylwch dylwn e efo ei eich ein eisiau eisoes elli er erioed ers eto
    eu ewch faint fe fedra fedru fedrwch fel felly fi finnau fo fod fwy fwyaf fy fydd fyddaf
    fyddai fyddan fyddwch fyddwn fynd ga gael gaf gafodd gaiff galla gallaf gallai gallech gallu gallwch
    gallwn gan ganddi ganddo ganddyn gawn gefais gen gennych gennyf gennyn ger ges gewch gilydd
    gwna gwnaeth gwnaf gwnes gwneud gwybod gyda gymryd gynna gynnoch heb heddiw hefyd hi hoffwn
    hollol hon honno hun hwn hwnnw hwy hyd hyn hynny i iawn ichi iddi iddo iddyn iddynt imi innau
    inni isio lai llai llall llawer lle mae maen mai medra medru medrwch mewn mi minnau moyn mwy
    mwyaf mynd na nac nad naill nawr neu newydd nghael nhw ni nid o oedd oeddwn oes oherwydd ohoni
    ohono ohonof ohonyn ol ond os pa pam pan plis pob posib posibl pryd pwy rai rhag rhai rhaid
    rhain rheini rhoi rhwng rhyw rhywbeth rhywun roedd roeddwn roi rwan rwy rwyf rwyn rydw rydych
    rydym sawl sut sy sydd syn tan ti tra trwy un unrhyw wedi wedyn wna wnaeth wnaf wnes wneud
    wnewch wrth wybod wyf wyt y ydan ydi ydw ydy ydych ydyn ydynt ydyw yfory ym yma yn yna yng yno
    yr yw
    "
    .split_whitespace()
    .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_any_question_may_hold_are_told_from_subjects() {
        for (word, is_welsh, expected) in [
            ("happen", false, true),
            ("badge", false, false),
            ("digwydd", true, true),
            ("gaf", true, true),
            ("fynd", true, true),
            ("ol", true, true),
            ("ddod", true, false),
            ("asbestos", true, false),
        ] {
            assert_eq!(is_stop_word(word, is_welsh), expected, "{word}");
        }
    }
}
