package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"steepest/data"
	"steepest/internal/memory"
	"steepest/internal/plural"
)

// cacheFlag says where rows are kept on the disk.
type cacheFlag struct {
	Cache string `group:"read" placeholder:"FOLDER" help:"Keep the rows of LIBSVM, VW, CSV or Parquet files in a folder on the disk, prepared for the model, and read only the parts that are used. The data may be larger than memory, and the next run does not read the files again. The data may then be a pattern such as 'day-*.gz', a folder of files with the same columns, or - for the standard input. The cache itself can be given as data, too."`
}

// stdin is the name of the standard input.
const stdin = "-"

// isCached reports whether the rows of the data stay on the disk.
func (f *problemFlags) isCached() bool { return f.cache != "" || data.IsCache(find(f.Data)) }

// newCached opens data whose rows stay on the disk, and makes the cache if necessary.
func (f problemFlags) newCached(w *world, options data.Options, seed uint64) (*sample, error) {
	if f.Rank > 0 {
		return nil, usage("give files, and leave --cache out", "--rank is for data in memory, and the rows of %s stay on the disk", f.Data)
	}
	f.choose(&options)
	told := passes{w: w}
	defer told.end()
	options.Progress = told.show
	var c *data.Cache
	var err error
	switch {
	case f.cache == "":
		if c, err = data.LoadCache(find(f.Data), told.show); err == nil {
			err = cmp.Or(f.refuseHoldOut(c.HoldOut), f.refuseUnseen(c.Unseen))
		}
	case data.IsCache(find(f.Data)):
		return nil, usage("drop it", "--cache is for files, and %s is a cache already", f.Data)
	case isEmbedded(f.Data):
		return nil, usage("drop it", "--cache is for files, and %s is an embedded set", f.Data)
	default:
		stratified := func(all *data.Set) (bool, error) {
			t, err := f.newTarget(all)
			return t.classes != nil, err
		}
		if c, err = f.openCache(data.CacheOptions{
			Options: options, Scale: f.scale(), Intercept: f.Intercept, HoldOut: data.HoldOut{Share: f.Validation, Seed: seed, Stratified: stratified},
		}); err == nil {
			err = f.refuseUnseen(c.Unseen)
		}
	}
	if err != nil {
		return nil, readError(err)
	}
	s := &sample{flags: f, seen: seen{set: c.Set, x: c.X}, columns: c.Columns, density: c.Density, features: c.Features, cache: c, read: []*data.Set{c.Set}}
	s.flags.Scale, s.flags.Intercept, s.flags.Validation = cmp.Or(string(c.Features.Scale), "none"), c.Features.Intercept, c.HoldOut.Share
	return s, s.refuseEmpty()
}

// withoutOnDisk is without for a cache. It reads the files again, and makes a cache of the part beside that of all rows, which remove removes.
func (s *sample) withoutOnDisk(parts, k int, seed uint64) (*sample, error) {
	part := &sample{flags: s.flags, target: s.target}
	f := &part.flags
	options, err := f.options()
	if err != nil {
		return nil, err
	}
	folder := filepath.Clean(f.cache)
	if f.cache, err = os.MkdirTemp(filepath.Dir(folder), filepath.Base(folder)+".part-*"); err != nil {
		return nil, badData("the cache of a part of --cv stands beside that of all rows", "%w", err)
	}
	f.choose(&options)
	stratified := func(*data.Set) (bool, error) { return s.target.classes != nil, nil }
	part.cache, err = f.openCache(data.CacheOptions{
		Options: options, Scale: f.scale(), Intercept: f.Intercept, HoldOut: data.HoldOut{Parts: parts, Part: k, Seed: seed, Stratified: stratified},
	})
	if err != nil {
		return part, readError(err)
	}
	part.seen = seen{set: part.cache.Set, x: part.cache.X}
	if part.weights, err = part.weigh(); err == nil {
		err = part.judge("cv", seen{set: part.cache.Held, x: part.cache.Held.X})
	}
	return part, err
}

// refuseParts returns an error if the parts of --cv cannot be read again from the files of a cache.
func (s *sample) refuseParts() error {
	switch {
	case s.flags.cache == "":
		return usage("give the files and --cache", "--cv reads the files again for each part, and %s is a cache already", s.flags.Data)
	case s.flags.Data == stdin:
		return usage("write the rows to a file first", "--cv reads the data again for each part, and the standard input can be read only once")
	case s.cache.Held != nil:
		return usage("drop --validation, or give --test", "--cv and --validation together need the rows in memory, and those of %s stay on the disk", s.flags.Data)
	}
	return nil
}

// remove removes the cache of a part from the disk, even if it is not complete. A nil part has none.
func (s *sample) remove() (err error) {
	if s == nil {
		return nil
	}
	if s.cache != nil {
		err = s.cache.Close()
	}
	return errors.Join(err, os.RemoveAll(s.flags.cache))
}

// round finds the values of a cache in float32, and makes their file if necessary.
func (s *sample) round(w *world) error {
	told := passes{w: w}
	defer told.end()
	fit, held, err := s.cache.Single(told.show)
	if err != nil {
		return badData("", "--precision float32: %s", inFlags(err.Error()))
	}
	if s.single = fit; s.cache.Held != nil {
		s.held[0].single = held
	}
	return nil
}

// refuseHoldOut returns an error if --validation asks an existing cache for another share of rows than it holds out. The seed of --validation is
// then that of the cache.
func (f *problemFlags) refuseHoldOut(h data.HoldOut) error {
	switch {
	case f.Validation == 0 || f.Validation == h.Share:
		return nil
	case h.Parts != 0:
		return usage("leave it out", "--validation: the cache %s holds out a part of %d of the rows", f.Data, h.Parts)
	case h.Share == 0:
		return usage("give the files, --cache and --validation to make another cache", "--validation: the cache %s holds out no rows", f.Data)
	}
	return usage("leave it out, or make another cache", "--validation: the cache %s holds out a share of %g of the rows", f.Data, h.Share)
}

// openCache opens the cache of the files that --data names.
func (f *problemFlags) openCache(o data.CacheOptions) (*data.Cache, error) {
	if f.Data == stdin {
		return data.WriteCache(f.cache, "stdin", os.Stdin, o)
	}
	sources := []string{find(f.Data)}
	if sources[0] == "" || isFolder(sources[0]) {
		var err error
		if sources, _, err = expand(cmp.Or(sources[0], f.Data)); err != nil {
			return nil, unknownData(f.Data)
		}
	}
	return data.OpenCache(f.cache, sources, o)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// sayCache says where the rows are. It refuses flags that would have to be given when the cache is made, or that need the rows in memory.
func (s *sample) sayCache(w *world) error {
	if s.cache == nil {
		return nil
	}
	if s.flags.cache == "" {
		made := append([]string{"scale", "intercept", "no-intercept"}, readingFlags...)
		if s.cache.Unseen != nil {
			made = slices.DeleteFunc(made, func(flag string) bool { return flag == "ignore-unknown" })
		}
		if err := w.refuse(silence{made, true, madeAlready(s.flags.Data)}); err != nil {
			return err
		}
	} else if s.cache.Made != "" {
		w.say("made %s, %s on the disk: %s\n", s.flags.cache, memory.Text(s.cache.Bytes()), s.cache.Made)
	}
	return nil
}

// madeAlready says why a flag has no effect on an existing cache.
func madeAlready(name string) string {
	return "has no effect: the rows of the cache " + name + " are made already"
}

// measureCache describes a cache, whose set holds the rows as a model sees them.
func measureCache(c *data.Cache) setJSON {
	out := labelled(c.Set)
	out.Read = "a cache, scaling " + cmp.Or(string(c.Features.Scale), "none")
	if c.Features.Intercept {
		out.Read += ", with an intercept"
	}
	if c.Held != nil {
		out.Read += fmt.Sprintf("; %s more held out for validation", plural.Of(len(c.Held.Y), "row"))
	}
	out.Rows, out.Features, out.Occurring, out.Density = len(c.Y), c.Columns, len(c.Features.Kept), real(c.Density)
	return out
}
