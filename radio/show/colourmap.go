package show

import "math"

// ColourMap maps numbers from 0 to 1 to colours.
type ColourMap struct {
	Name  string
	table []uint32 // 0xrrggbb at equal distances
}

// The colour maps. Each is a table of 33 colours with linear interpolation, within 2 of 255
// levels of the original. Viridis (Smith and van der Walt, public domain, CC0) is perceptually
// uniform, also for colour-blind readers. Turbo (Mikhailov, Google) has more contrast.
var (
	Viridis = ColourMap{"viridis", []uint32{
		0x440154, 0x470d60, 0x48186a, 0x482374, 0x472d7b, 0x453781, 0x424086, 0x3e4989, 0x3b528b, 0x375b8d, 0x33638d,
		0x2f6b8e, 0x2c728e, 0x297a8e, 0x26828e, 0x23898e, 0x21918c, 0x1f978b, 0x1f9f88, 0x21a685, 0x27ad81, 0x31b57b,
		0x3dbc74, 0x4cc26c, 0x5cc863, 0x6ece58, 0x81d34d, 0x95d840, 0xaadc32, 0xc0df25, 0xd5e21a, 0xeae51a, 0xfde725,
	}}
	Turbo = ColourMap{"turbo", []uint32{
		0x30123b, 0x392a73, 0x4040a2, 0x4456c7, 0x466be3, 0x4680f6, 0x4294ff, 0x37a8fa, 0x28bceb, 0x1ccdd8, 0x18ddc2,
		0x1fe9af, 0x32f298, 0x4ef97d, 0x6dfe62, 0x8bff4b, 0xa4fc3c, 0xb7f735, 0xcbed34, 0xdde037, 0xecd13a, 0xf7c13a,
		0xfdae35, 0xfe992c, 0xfb8122, 0xf56918, 0xec530f, 0xe14109, 0xd23105, 0xc12302, 0xac1701, 0x950d01, 0x7a0403,
	}}
	Grey = ColourMap{"grey", []uint32{0x000000, 0xffffff}}
)

// ColourMaps lists the colour maps.
func ColourMaps() []ColourMap { return []ColourMap{Viridis, Turbo, Grey} }

// At returns the colour of v, which is clamped to 0 to 1.
func (m ColourMap) At(v float64) [3]uint8 {
	v = min(max(v, 0), 1) * float64(len(m.table)-1)
	i := min(int(v), len(m.table)-2)
	f := v - float64(i)
	mix := func(shift int) uint8 {
		a, b := m.table[i]>>shift&255, m.table[i+1]>>shift&255
		return uint8(math.Round(float64(a)*(1-f) + float64(b)*f))
	}
	return [3]uint8{mix(16), mix(8), mix(0)}
}

// Over returns a function from values, low to high, to colours. If low equals high, every value
// has the lowest colour.
func (m ColourMap) Over(low, high float64) func(values []float64) [3]uint8 {
	return func(values []float64) [3]uint8 {
		if high <= low {
			return m.At(0)
		}
		return m.At((values[0] - low) / (high - low))
	}
}

// Palette returns k distinct colours. Colour i is the same for every k. The hues are multiples of
// the golden angle in OKLCH (Ottosson 2020), with varying lightness.
func Palette(k int) [][3]uint8 {
	colours := make([][3]uint8, k)
	lightness := []float64{0.72, 0.55, 0.85, 0.64}
	for i := range colours {
		hue := 2 * math.Pi * math.Mod(0.08+0.618033988749895*float64(i), 1)
		const chroma = 0.13
		colours[i] = oklab(lightness[i%len(lightness)], chroma*math.Cos(hue), chroma*math.Sin(hue))
	}
	return colours
}

// oklab converts a colour of OKLab to sRGB: https://bottosson.github.io/posts/oklab/.
func oklab(l, a, b float64) [3]uint8 {
	cube := func(v float64) float64 { return v * v * v }
	x, y, z := cube(l+0.3963377774*a+0.2158037573*b), cube(l-0.1055613458*a-0.0638541728*b), cube(l-0.0894841775*a-1.2914855480*b)
	gamma := func(v float64) float64 {
		if v <= 0.0031308 {
			return 12.92 * v
		}
		return 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return [3]uint8{
		level(gamma(4.0767416621*x - 3.3077115913*y + 0.2309699292*z)),
		level(gamma(-1.2684380046*x + 2.6097574011*y - 0.3413193965*z)),
		level(gamma(-0.0041960863*x - 0.7034186147*y + 1.7076147010*z)),
	}
}
