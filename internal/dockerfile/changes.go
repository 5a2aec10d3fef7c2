package dockerfile

// A Change is an instruction that differs between two Dockerfiles.
type Change struct {
	// Before is nil if the instruction was added, After is nil if it was removed.
	Before, After *Instruction
}

// Line returns the line of the change in the new text, or in the old one if the
// instruction was removed.
func (c Change) Line() int {
	if c.After != nil {
		return c.After.Line
	}
	return c.Before.Line
}

// Changes returns the instructions that differ between two Dockerfiles, in their order.
// An instruction that took the place of one with the same keyword is one change. Comments,
// blank lines and the way in which lines are continued are not compared, so that two texts
// may differ without a change. What cannot be parsed is left out.
func Changes(before, after string) []Change {
	oldFile, _ := Parse(before)
	newFile, _ := Parse(after)
	olds, news := oldFile.Instructions, newFile.Instructions
	start := 0
	for start < min(len(olds), len(news)) && olds[start].content() == news[start].content() {
		start++
	}
	olds, news = olds[start:], news[start:]
	for len(olds) > 0 && len(news) > 0 && olds[len(olds)-1].content() == news[len(news)-1].content() {
		olds, news = olds[:len(olds)-1], news[:len(news)-1]
	}
	return changedBetween(olds, news)
}

// maxCompared is the maximum size of the table for comparing two lists of instructions.
// Longer lists are taken as changed as a whole.
const maxCompared = 1_000_000

// changedBetween returns the changes between two lists by their longest common
// subsequence.
func changedBetween(olds, news []Instruction) []Change {
	if len(olds)*len(news) > maxCompared {
		return paired(olds, news)
	}
	common := commonLengths(olds, news)
	var all []Change
	var removed, added []Instruction
	for i, j := 0, 0; i < len(olds) || j < len(news); {
		switch {
		case i < len(olds) && j < len(news) && olds[i].content() == news[j].content():
			all = append(all, paired(removed, added)...)
			removed, added = nil, nil
			i, j = i+1, j+1
		case j == len(news) || i < len(olds) && common[i+1][j] >= common[i][j+1]:
			removed = append(removed, olds[i])
			i++
		default:
			added = append(added, news[j])
			j++
		}
	}
	return append(all, paired(removed, added)...)
}

// commonLengths returns the length of the longest common subsequence of the rest of both
// lists from each pair of indexes.
func commonLengths(olds, news []Instruction) [][]int {
	keys := make([]string, len(news))
	for j := range news {
		keys[j] = news[j].content()
	}
	common := make([][]int, len(olds)+1)
	for i := range common {
		common[i] = make([]int, len(news)+1)
	}
	for i := len(olds) - 1; i >= 0; i-- {
		key := olds[i].content()
		for j := len(news) - 1; j >= 0; j-- {
			if key == keys[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return common
}

// paired returns the changes of instructions that were removed and added at one place.
// Those with the same keyword are paired in their order.
func paired(removed, added []Instruction) []Change {
	var all []Change
	for _, now := range added {
		c := Change{After: &now}
		for i, was := range removed {
			if was.Keyword == now.Keyword {
				for _, gone := range removed[:i] {
					all = append(all, Change{Before: &gone})
				}
				c.Before, removed = &was, removed[i+1:]
				break
			}
		}
		all = append(all, c)
	}
	for _, gone := range removed {
		all = append(all, Change{Before: &gone})
	}
	return all
}
