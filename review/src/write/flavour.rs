//! Where a comment will stand.

/// The forms of a review for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// A comment on GitHub.
    GitHub,
    /// A comment on GitLab.
    GitLab,
    /// A comment in Azure DevOps.
    AzureDevOps,
    /// A terminal or a log.
    Text,
}

impl Flavour {
    /// Most characters: GitHub refuses 65,537, GitLab 1,000,001, Azure DevOps 150,001. A margin is left for what
    /// pipelines add.
    pub fn limit(self) -> usize {
        match self {
            Self::GitHub => 65_000,
            Self::GitLab => 990_000,
            Self::AzureDevOps => 149_000,
            Self::Text => usize::MAX,
        }
    }

    /// Whether details can be folded away.
    pub fn folds(self) -> bool {
        self != Self::Text
    }

    /// An invisible mark by which a pipeline finds its own comment, to update it in place.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Text => "",
            _ => "<!-- seedling-review -->\n",
        }
    }
}
