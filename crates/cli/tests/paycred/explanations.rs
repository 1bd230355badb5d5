use crate::program::run;

#[test]
fn a_status_is_explained_with_what_to_do_and_whom_to_page() {
    let ended = run(&["explain", "403"]);
    assert_eq!(ended.code, 0);
    assert_eq!(
        ended.output,
        "403: refused_forbidden, delivery answered, repeatability never\n\
         \x20 for example: the merchant account isn't enabled for network tokens\n\
         \x20 what to do:  page someone\n\
         \x20 page:        account\n"
    );
}

#[test]
fn a_kind_is_found_by_its_name_or_the_end_of_it() {
    let whole = run(&["explain", "refused_throttled", "--json"]);
    let end = run(&["explain", "throttled", "--json"]);
    let rows =
        |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON")["rows"].clone();
    assert_eq!(rows(&whole.output), rows(&end.output));
    assert_eq!(rows(&whole.output)[0]["whatToDo"], "try later");
}

#[test]
fn an_unknown_word_is_said_to_be_unknown() {
    let ended = run(&["explain", "418"]);
    assert_eq!((ended.code, &*ended.output), (1, ""));
    assert_eq!(
        ended.errors,
        "paycred: \"418\" isn't known; `paycred explain` lists what is\n"
    );
    let listed = run(&["explain"]);
    assert!(listed.output.contains("403") && listed.output.contains("refused_throttled"));
}
