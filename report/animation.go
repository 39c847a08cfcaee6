package report

import (
	"cmp"
	"image"
	"image/color"
	stddraw "image/draw"
	"image/gif"
	"io"
	"slices"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"steepest/internal/parallel"
)

// Animation is a moving picture that repeats.
type Animation struct {
	Frames int
	// Frame returns frame i, counted from 0, all of one size. It is called from several goroutines.
	Frame func(i int) Picture
	// Delay is the time of a frame, and Last the time of the last frame; 0 stands for 40 ms and 2 s.
	Delay, Last time.Duration
}

// GIF writes an animation at 96 dots per inch. Frames are drawn on all processors, in the 255 colours that fit best. Of each frame only
// the changed part is stored.
func GIF(w io.Writer, a *Animation) error {
	images := make([]*image.RGBA, a.Frames)
	parallel.For(a.Frames, func(_, i int) { images[i] = render(a.Frame(i), 96) })
	colors := palette(images)
	out := &gif.GIF{
		Image: make([]*image.Paletted, a.Frames),
		Delay: slices.Repeat([]int{hundredths(a.Delay, 40*time.Millisecond)}, a.Frames),
	}
	out.Delay[a.Frames-1] = hundredths(a.Last, 2*time.Second)
	indexed := make([]*image.Paletted, a.Frames)
	parallel.For(a.Frames, func(_, i int) { indexed[i] = index(images[i], colors) })
	parallel.For(a.Frames, func(_, i int) {
		if i == 0 {
			out.Image[i] = indexed[i]
			return
		}
		out.Image[i] = change(indexed[i-1], indexed[i])
	})
	return gif.EncodeAll(w, out)
}

func hundredths(d, standard time.Duration) int {
	if d == 0 {
		d = standard
	}
	return int(d / (10 * time.Millisecond))
}

// render draws a picture as pixels.
func render(p Picture, dpi int) *image.RGBA {
	a := p.arrange()
	canvas := vgimg.NewWith(vgimg.UseWH(a.size()), vgimg.UseDPI(dpi))
	a.draw(draw.New(canvas))
	img := canvas.Image()
	if rgba, ok := img.(*image.RGBA); ok {
		return rgba
	}
	rgba := image.NewRGBA(img.Bounds())
	stddraw.Draw(rgba, img.Bounds(), img, img.Bounds().Min, stddraw.Src)
	return rgba
}

// transparent is the palette index of a pixel that does not change.
const transparent = 255

// palette returns at most 255 colours for the images, by median cut (Heckbert 1982), plus the transparent colour.
func palette(images []*image.RGBA) color.Palette {
	count := map[[3]uint8]int{}
	for i := 0; i < len(images); i += (len(images) + 15) / 16 {
		tally(count, images[i])
	}
	tally(count, images[len(images)-1])
	var all box
	for c, n := range count {
		all = append(all, shade{c, n})
	}
	slices.SortFunc(all, func(a, b shade) int { return slices.Compare(a.rgb[:], b.rgb[:]) }) // the map has no order
	boxes, gain := []box{all}, []float64{all.gain()}
	for len(boxes) < transparent {
		i := floats.MaxIdx(gain)
		if gain[i] == 0 {
			break
		}
		a, b := boxes[i].cut()
		boxes[i], gain[i] = a, a.gain()
		boxes, gain = append(boxes, b), append(gain, b.gain())
	}
	colors := make(color.Palette, transparent+1)
	for i := range colors {
		colors[i] = color.RGBA{A: 255}
		if i < len(boxes) {
			colors[i] = boxes[i].mean()
		}
	}
	colors[transparent] = color.RGBA{}
	return colors
}

func tally(count map[[3]uint8]int, img *image.RGBA) {
	for i := 0; i < len(img.Pix); i += 4 {
		count[[3]uint8(img.Pix[i:i+3])]++
	}
}

// shade is a colour with the number of its pixels.
type shade struct {
	rgb [3]uint8
	n   int
}

// box is a set of colours that are merged to one.
type box []shade

// axis returns the component in which the box is longest, and its length.
func (b box) axis() (longest, length int) {
	for j := range 3 {
		low, high := 255, 0
		for _, s := range b {
			low, high = min(low, int(s.rgb[j])), max(high, int(s.rgb[j]))
		}
		if high-low > length {
			longest, length = j, high-low
		}
	}
	return longest, length
}

// gain is the priority for cutting the box: long boxes with many pixels come first.
func (b box) gain() float64 {
	_, length := b.axis()
	pixels := 0
	for _, s := range b {
		pixels += s.n
	}
	return float64(length) * float64(length) * float64(min(pixels, 4096))
}

// cut cuts the box across its longest axis into halves with equally many colours.
func (b box) cut() (box, box) {
	j, _ := b.axis()
	slices.SortStableFunc(b, func(x, y shade) int { return cmp.Compare(x.rgb[j], y.rgb[j]) })
	return b[:len(b)/2], b[len(b)/2:]
}

// mean returns the average of the box, or its most frequent colour if most pixels have it.
func (b box) mean() color.RGBA {
	most := slices.MaxFunc(b, func(x, y shade) int { return cmp.Compare(x.n, y.n) })
	if _, length := b.axis(); length < 12 {
		return color.RGBA{most.rgb[0], most.rgb[1], most.rgb[2], 255}
	}
	var sum [3]int
	total := 0
	for _, s := range b {
		for j, v := range s.rgb {
			sum[j] += s.n * int(v)
		}
		total += s.n
	}
	return color.RGBA{uint8(sum[0] / total), uint8(sum[1] / total), uint8(sum[2] / total), 255}
}

// index gives each pixel the nearest colour of the palette.
func index(img *image.RGBA, colors color.Palette) *image.Paletted {
	out := image.NewPaletted(img.Bounds(), colors)
	known := map[[3]uint8]uint8{}
	for i := range out.Pix {
		rgb := [3]uint8(img.Pix[4*i : 4*i+3])
		at, ok := known[rgb]
		if !ok {
			at = uint8(colors[:transparent].Index(color.RGBA{rgb[0], rgb[1], rgb[2], 255}))
			known[rgb] = at
		}
		out.Pix[i] = at
	}
	return out
}

// change is the part of a frame that differs from the frame before, transparent where it does not.
func change(before, now *image.Paletted) *image.Paletted {
	r := image.Rectangle{}
	for y := range now.Rect.Dy() {
		for x := range now.Rect.Dx() {
			if at := y*now.Stride + x; now.Pix[at] != before.Pix[at] {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if r.Empty() {
		r = image.Rect(0, 0, 1, 1)
	}
	out := image.NewPaletted(r, now.Palette)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			v := now.Pix[y*now.Stride+x]
			if v == before.Pix[y*now.Stride+x] {
				v = transparent
			}
			out.SetColorIndex(x, y, v)
		}
	}
	return out
}
