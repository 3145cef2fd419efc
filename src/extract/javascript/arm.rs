//! Arms of conditions: which code is not reached from where.

use oxc_ast::ast::{Statement, SwitchCase};
use oxc_span::Span;

use super::lowering::Lowering;
use crate::facts::program::Arm;

/// Statements in statements that are looked into.
const DEPTH: usize = 16;

/// Whether a statement always ends its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// Code behind it may be reached.
    No,
    /// It throws on some way, which a `catch` around it may stop.
    Throws,
    /// It returns.
    Returns,
}

impl<'a> Lowering<'a> {
    /// Reads an arm of a condition; `others` is where its other arms end.
    pub fn arm<T>(&mut self, span: Span, leaves: Leaves, others: Option<u32>, read: impl FnOnce(&mut Self) -> T) -> T {
        let skips_until = match leaves {
            Leaves::Returns => Some(u32::MAX),
            Leaves::Throws => Some(THROWN),
            Leaves::No => others,
        };
        let outer = self.around.arm;
        if let Some(skips_until) = skips_until {
            self.around.arm = Some(self.module.arms.len() as u32);
            self.module.arms.push(Arm { start: span.start, end: span.end, skips_until, outer });
        }
        let read = read(self);
        self.around.arm = outer;
        read
    }

    /// A `case` of a `switch` that ends at `end`.
    pub fn case(&mut self, it: &'a SwitchCase<'a>, end: u32) {
        let leaves = leaves_in(&it.consequent, DEPTH);
        let others = breaks(&it.consequent, DEPTH).then_some(end);
        self.arm(it.span, leaves, others, |this| this.statements(&it.consequent));
    }

    /// What is thrown in the arms since `first` is caught at `end`, and the code goes on there.
    pub fn caught(&mut self, first: usize, end: u32) {
        for arm in self.module.arms.iter_mut().skip(first).filter(|arm| arm.skips_until == THROWN) {
            arm.skips_until = end;
        }
    }
}

/// Where an arm that throws leads to while no `catch` around it was seen: out of the function.
const THROWN: u32 = u32::MAX - 1;

/// Whether a statement always ends its function.
pub fn leaves(statement: &Statement<'_>) -> Leaves {
    leaves_at(statement, DEPTH)
}

fn leaves_at(statement: &Statement<'_>, depth: usize) -> Leaves {
    let Some(below) = depth.checked_sub(1) else { return Leaves::No };
    match statement {
        Statement::ReturnStatement(_) => Leaves::Returns,
        Statement::ThrowStatement(_) => Leaves::Throws,
        Statement::BlockStatement(it) => leaves_in(&it.body, below),
        Statement::IfStatement(it) => {
            let Some(other) = &it.alternate else { return Leaves::No };
            both(leaves_at(&it.consequent, below), leaves_at(other, below))
        }
        Statement::TryStatement(it) => {
            let tried = leaves_in(&it.block.body, below);
            match &it.handler {
                Some(handler) => both(tried, leaves_in(&handler.body.body, below)),
                None => tried,
            }
        }
        _other => Leaves::No,
    }
}

fn leaves_in(statements: &[Statement<'_>], depth: usize) -> Leaves {
    let all = statements.iter().map(|statement| leaves_at(statement, depth));
    all.into_iter().find(|leaves| *leaves != Leaves::No).unwrap_or(Leaves::No)
}

fn both(one: Leaves, other: Leaves) -> Leaves {
    match (one, other) {
        (Leaves::No, _) | (_, Leaves::No) => Leaves::No,
        (Leaves::Returns, Leaves::Returns) => Leaves::Returns,
        (Leaves::Throws, _) | (_, Leaves::Throws) => Leaves::Throws,
    }
}

fn breaks(statements: &[Statement<'_>], depth: usize) -> bool {
    match (statements.last(), depth.checked_sub(1)) {
        (Some(Statement::BreakStatement(it)), _) => it.label.is_none(),
        (Some(Statement::BlockStatement(it)), Some(below)) => breaks(&it.body, below),
        _other => false,
    }
}
