package world

import "fleet/internal/emulator/build"

// planBuild returns the course of a build. It depends only on the Dockerfile and the
// uploads.
func (w *World) planBuild(b *BuildInfo) build.Course {
	if b == nil {
		return build.Course{}
	}
	key := b.SnapshotRef
	for _, hash := range b.ContextHashes {
		if o := w.Objects[contextKey(hash)]; o != nil {
			key += "\n" + o.ETag
		}
	}
	course, known := w.courses[key]
	if !known {
		course = w.newCourse(b)
		if len(w.courses) >= maxCourses {
			clear(w.courses)
		}
		w.courses[key] = course
	}
	if w.built[b.SnapshotRef] {
		course.Executed, course.Failure = len(course.Steps), ""
	}
	return course
}

// maxCourses is the maximum number of builds whose course is remembered, since to read
// their uploads takes time.
const maxCourses = 256

// newCourse determines the course of a build.
func (w *World) newCourse(b *BuildInfo) build.Course {
	var files build.Context
	for _, hash := range b.ContextHashes {
		key := contextKey(hash)
		o := w.Objects[key]
		switch {
		case o == nil:
			return build.Failed("build context %s was not uploaded: there is no object %s", hash, key)
		case o.Size == 0:
			return build.Failed("empty tar file received for hash %s", hash)
		}
		content, err := w.Store.Open(o.Contents())
		if err != nil {
			return build.Failed("build context %s cannot be read: %v", hash, err)
		}
		files.Add(content)
		content.Close()
	}
	// What the real server builds without a Dockerfile is unknown.
	return build.Plan(ValueOr(b.DockerfileContent, "FROM scratch"), &files)
}
