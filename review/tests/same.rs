//! What was reviewed is what happens.
#![allow(clippy::panic, clippy::unwrap_used)] // a test ends by panic

mod common;

use seedling_review::{Review, same::compare};

fn review(name: &str) -> Review {
    common::review(&[&common::folder().join(name)])
}

#[test]
fn a_plan_is_the_same_as_itself() {
    for folder in common::FOLDERS {
        for plan in common::plans(folder) {
            let review = common::review(&[&plan]);
            let comparison = compare(&review, &review);
            assert!(
                comparison.refused.is_empty() && comparison.gone.is_empty(),
                "{}",
                plan.display()
            );
        }
    }
}

#[test]
fn only_secrets_may_change_unreviewed() {
    for cli in ["terraform", "tofu"] {
        let nothing = review(&format!("{cli}/nothing.json"));
        let comparison = compare(&nothing, &review(&format!("{cli}/secret_only.json")));
        assert!(comparison.refused.is_empty(), "{:?}", comparison.refused);
        assert!(
            comparison.secrets[0].contains("DATABASE_URL"),
            "{:?}",
            comparison.secrets
        );

        let image = review(&format!("{cli}/image.json"));
        let comparison = compare(&image, &review(&format!("{cli}/secret_and_image.json")));
        assert!(comparison.refused.is_empty(), "{:?}", comparison.refused);

        for other in [
            "image",
            "config",
            "destroy_storage",
            "access_role",
            "drift",
            "forget",
            "gateway",
            "replace_delete_first",
        ] {
            let comparison = compare(&nothing, &review(&format!("{cli}/{other}.json")));
            assert!(
                !comparison.refused.is_empty(),
                "{cli}/{other} was let through"
            );
        }
        // What looks like a secret is let through, and named.
        let token = review(&format!("{cli}/config.json"));
        let comparison = compare(&token, &token);
        assert!(
            comparison
                .not_compared
                .iter()
                .any(|it| it.contains("config.API_TOKEN")),
            "{:?}",
            comparison.not_compared
        );
        // The same consequence in words, and other values.
        let config = compare(&image, &review(&format!("{cli}/config.json")));
        assert!(!config.refused.is_empty());
    }
}

#[test]
fn what_does_not_happen_any_more_is_named_and_harmless() {
    let comparison = compare(&review("tofu/image.json"), &review("tofu/nothing.json"));
    assert!(comparison.refused.is_empty());
    assert!(
        comparison
            .gone
            .iter()
            .any(|line| line.contains("4 pods restart")),
        "{:?}",
        comparison.gone
    );
}

#[test]
fn another_image_than_the_reviewed_one_is_refused() {
    let plan = std::fs::read_to_string(common::folder().join("tofu/image.json")).unwrap();
    let other = common::review_of(&plan.replace("1.5.0", "6.6.6"));
    let comparison = compare(&common::review_of(&plan), &other);
    assert!(
        comparison
            .refused
            .iter()
            .any(|line| line.contains("other values")),
        "{:?}",
        comparison.refused
    );
}
