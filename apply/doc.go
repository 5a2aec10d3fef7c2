// Package apply executes plans.
//
// [Run] carries out the steps of a plan and decides nothing about their content. If an
// object has changed since the plan was made, its step fails, and the next plan starts
// from the new state.
//
// One goroutine, the loop, decides what happens next. What it decides with sends
// nothing and can be tested alone: apply/internal/schedule chooses the next task, and
// apply/internal/admission advances rollouts and trials. What sends requests knows
// nothing of the loop: apply/internal/operation carries out the operations of one step.
package apply
