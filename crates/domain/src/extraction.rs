//! What customers ask again and again: like questions put together by their embeddings. Pure.
//!
//! One pass in the order given: a question joins the nearest group whose first question is like it, else begins a group.
//! So a group never drifts away from the question it is shown by.

use crate::analysis::Confidence;
use crate::vector::Embedding;

/// Least cosine of two questions that ask the same, in other words.
const ALIKE: f32 = 0.70;

/// A question as customers asked it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its words.
    pub question: String,
    /// Its embedding.
    pub vector: Embedding,
    /// How often it was asked in just these words.
    pub count: u64,
    /// What was answered, where somebody did.
    pub answer: Option<String>,
}

/// A FAQ that could be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The question of the group that was asked most.
    pub question: String,
    /// The answer that was given most often to its questions; none where nobody answered.
    pub answer: Option<String>,
    /// How often its questions were asked.
    pub frequency: u64,
    /// How alike its questions are: the mean cosine to the first, by how often each was asked.
    pub confidence: Confidence,
}

struct Group<'a> {
    first: &'a Asked,
    members: Vec<(&'a Asked, f32)>,
}

/// The groups asked at least `least` times, most frequent first, at most `most` of them.
///
/// `asked` is best given the most frequent question first.
pub fn candidates(asked: &[Asked], least: u64, most: usize) -> Vec<Candidate> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for question in asked {
        let nearest = groups
            .iter_mut()
            .map(|group| (group.first.vector.cosine(&question.vector), group))
            .max_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((likeness, group)) if likeness >= ALIKE => group.members.push((question, likeness)),
            _ => groups.push(Group {
                first: question,
                members: vec![(question, 1.0)],
            }),
        }
    }
    let mut found: Vec<_> = groups.iter().map(Group::candidate).collect();
    found.retain(|candidate| candidate.frequency >= least);
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.frequency));
    found.truncate(most);
    found
}

impl Group<'_> {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    fn candidate(&self) -> Candidate {
        let frequency: u64 = self.members.iter().map(|(asked, _)| asked.count).sum();
        let likeness: f32 = self
            .members
            .iter()
            .map(|(asked, likeness)| likeness * asked.count as f32)
            .sum();
        let shown = self.members.iter().max_by_key(|(asked, _)| asked.count);
        Candidate {
            question: shown.map_or_else(String::new, |(asked, _)| asked.question.clone()),
            answer: self.usual_answer(),
            frequency,
            confidence: Confidence::clamped(likeness / frequency.max(1) as f32),
        }
    }

    fn usual_answer(&self) -> Option<String> {
        let mut answers: Vec<(&str, u64)> = Vec::new();
        for (asked, _) in &self.members {
            let Some(answer) = asked.answer.as_deref() else {
                continue;
            };
            match answers.iter_mut().find(|(known, _)| *known == answer) {
                Some((_, count)) => *count += asked.count,
                None => answers.push((answer, asked.count)),
            }
        }
        let usual = answers.into_iter().max_by_key(|(_, count)| *count);
        usual.map(|(answer, _)| answer.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(question: &str, angle: f32, count: u64, answer: Option<&str>) -> Asked {
        Asked {
            question: question.to_owned(),
            vector: Embedding::from_raw(vec![angle.cos(), angle.sin()]),
            count,
            answer: answer.map(str::to_owned),
        }
    }

    #[test]
    fn like_questions_are_one_group_shown_by_what_was_asked_most() {
        let all = [
            asked("When do you open?", 0.0, 4, Some("At nine.")),
            asked("opening hours", 0.1, 2, Some("At nine.")),
            asked("Where are you?", 1.5, 3, None),
        ];
        let found = candidates(&all, 3, 10);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].question.as_str(), found[0].frequency),
            ("When do you open?", 6)
        );
        assert_eq!(found[0].answer.as_deref(), Some("At nine."));
        assert!(found[0].confidence.value() > 0.99);
        assert_eq!((found[1].frequency, &found[1].answer), (3, &None));
    }

    #[test]
    fn what_is_asked_too_seldom_or_beyond_the_number_wanted_is_left_out() {
        let all = [
            asked("a", 0.0, 5, None),
            asked("b", 1.5, 4, None),
            asked("c", 3.0, 1, None),
        ];
        assert_eq!(candidates(&all, 2, 10).len(), 2);
        assert_eq!(candidates(&all, 1, 1)[0].question, "a");
        assert!(candidates(&[], 1, 10).is_empty());
    }
}
