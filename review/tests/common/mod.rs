//! The plans of `tests/plans`, and their reviews.
#![allow(dead_code)] // each test file uses a part

use std::{
    fs::{self, File},
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use seedling_review::{Options, Review, cost::Prices, read};

/// Where plans are.
pub const FOLDERS: [&str; 3] = ["terraform", "tofu", "by_hand"];

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans")
}

/// The plans of a folder, in the order of their names.
pub fn plans(name: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder().join(name)).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == "json"));
    files.sort();
    files
}

pub fn options() -> Options {
    Options {
        prices: Prices::built_in().unwrap(),
        key: "key".into(),
        // As the command does for more than one plan; where a plan has one environment there is nothing to compare.
        compares: true,
    }
}

/// One review of these plans, each called by the name of its folder.
pub fn review(plans: &[&PathBuf]) -> Review {
    let mut review = Review::new(&options());
    for plan in plans {
        let label = plan
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap();
        add(
            BufReader::new(File::open(plan).unwrap()),
            label,
            &mut review,
        );
    }
    review
}

/// One review of several plans as texts, called `plan 0`, `plan 1`, ….
pub fn review_of_all(texts: &[String]) -> Review {
    let mut review = Review::new(&options());
    for (index, text) in texts.iter().enumerate() {
        add(text.as_bytes(), &format!("plan {index}"), &mut review);
    }
    review
}

pub fn review_of(text: &str) -> Review {
    let mut review = Review::new(&options());
    add(text.as_bytes(), "plan", &mut review);
    review
}

fn add(input: impl Read, label: &str, review: &mut Review) {
    read(input, label, &options(), review).unwrap_or_else(|error| panic!("{error}"));
}
