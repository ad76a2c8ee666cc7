//! Every plan of `tests/plans` as the comment it becomes. The plans under `terraform` and `tofu` are real (see
//! `make.sh`); those under `by_hand` have shapes that need a cloud or a failure.
#![allow(clippy::panic, clippy::unwrap_used)] // a test ends by panic

mod common;

use seedling_review::{Review, write};

#[test]
fn comments() {
    let mut count = 0;
    for folder in common::FOLDERS {
        for plan in common::plans(folder) {
            let review = common::review(&[&plan]);
            insta::with_settings!({ snapshot_path => plan.parent().unwrap(), prepend_module_to_snapshot => false, omit_expression => true }, {
                let name = plan.file_stem().unwrap().to_str().unwrap();
                insta::assert_snapshot!(name, write::text(&review, write::Flavour::GitHub));
            });
            count += 1;
        }
    }
    assert!(count >= 90, "only {count} plans were found");
}

#[test]
fn several_plans_in_one_comment() {
    let plans = [
        "terraform/image.json",
        "tofu/destroy_storage.json",
        "by_hand/node_pools.json",
    ];
    let plans = plans.map(|name| common::folder().join(name));
    let review = common::review(&plans.each_ref());
    insta::with_settings!({ snapshot_path => common::folder(), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("several", write::text(&review, write::Flavour::GitHub));
        insta::assert_snapshot!("several_as_text", write::text(&review, write::Flavour::Text));
    });
}

/// dev and prod from plans of their own: what will differ between them afterwards.
#[test]
fn environments_are_compared() {
    let plans = ["tofu/secret_and_image.json", "terraform/access_role.json"];
    let plans = plans.map(|name| common::folder().join(name));
    let review = common::review(&plans.each_ref());
    insta::with_settings!({ snapshot_path => common::folder(), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("compared", write::text(&review, write::Flavour::GitHub));
    });
}

/// What is written as JSON is read back as it was, so nothing is lost between review and apply.
#[test]
fn json_keeps_everything() {
    for folder in common::FOLDERS {
        for plan in common::plans(folder) {
            let review = common::review(&[&plan]);
            let text = write::json(&review).unwrap();
            let read = Review::from_json(&text).unwrap();
            assert_eq!(write::json(&read).unwrap(), text, "{}", plan.display());
        }
    }
}
