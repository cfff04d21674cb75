package machine

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// runner is a prepared computation, such as *cpu.LayerNorm.
type runner interface {
	// Check returns an error if the operands do not fit each other.
	Check() error
	// Run computes on the pool's threads, without allocating.
	Run(p *cpu.Pool)
}

// implementation is how the CPU computes an operation.
type implementation struct {
	// bind prepares it on dense operands, reduced where some are in bfloat16 or int8; nil
	// where there is none.
	bind, reduced func(op graph.Operation, a *operands) (runner, error)
	// scratch is the working memory in elements, for inputs of these shapes; or nil.
	scratch func(op graph.Operation, in []tensor.Shape, threads int) int
	// definition says that scratch is for the definition alone, not for register tiles.
	definition bool
	// forms are those of the operands in a reduced precision; or nil.
	forms func(i *graph.Instruction, of graph.Precision, maker map[*graph.Value]*graph.Instruction) graph.Forms
	// inPlace is the input whose memory the output may take, or -1; or nil.
	inPlace func(op graph.Operation) int
	// weight is the input that may be a packed weight; 0 where none may.
	weight int
}

// table has the implementation of each type of operation.
var table = map[reflect.Type]*implementation{}

// of is the implementation of op, nil where there is none.
func of(op graph.Operation) *implementation { return table[reflect.TypeOf(op)] }

// Operations has a zero value of each type of operation that the CPU has, by its name. It is for tests of
// other devices, which say what those lack.
func Operations() []graph.Operation {
	var all []graph.Operation
	for t := range table {
		all = append(all, reflect.Zero(t).Interface().(graph.Operation))
	}
	slices.SortFunc(all, func(a, b graph.Operation) int {
		return cmp.Compare(reflect.TypeOf(a).String(), reflect.TypeOf(b).String())
	})
	return all
}

func init() {
	add(bindLinear[float32], bindLinear[float64]).packs(1).inPlace(residual).reduced(reducedLinear).forms(linearForms)
	add(bindLinearGradInput[float32], bindLinearGradInput[float64]).scratch(linearGradInputScratch).forDefinition()
	add(bindLinearGradWeight[float32], bindLinearGradWeight[float64]).scratch(linearGradWeightScratch).forDefinition()
	add(bindAttention[float32], bindAttention[float64]).scratch(attentionScratch).reduced(reducedAttention).forms(attentionForms)
	add(bindAttentionGrad[float32], bindAttentionGrad[float64]).scratch(attentionGradScratch)
	add(bindAttentionWeights[float32], bindAttentionWeights[float64])
	add(bindLayerNorm[float32], bindLayerNorm[float64]).reduced(reducedLayerNorm).forms(writesReduced)
	add(bindLayerNormGrad[float32], bindLayerNormGrad[float64])
	add(bindLayerNormGradWeight[float32], bindLayerNormGradWeight[float64])
	add(bindPatches[float32], bindPatches[float64]).reduced(reducedPatches).forms(writesReduced)
	add(bindUnpatch[float32], bindUnpatch[float64])
	add(bindNormalize[float32], bindNormalize[float64])
	add(bindNormalizeGrad[float32], bindNormalizeGrad[float64])
	add(bindToNCHW[float32], bindToNCHW[float64])
	add(bindFromNCHW[float32], bindFromNCHW[float64])
	add(bindGELU[float32], bindGELU[float64])
	add(bindGELUGrad[float32], bindGELUGrad[float64]).inPlace(gradient[graph.GELUGrad])
	add(bindSigmoidGELU[float32], bindSigmoidGELU[float64])
	add(bindSigmoidGELUGrad[float32], bindSigmoidGELUGrad[float64])
	add(bindReLU[float32], bindReLU[float64])
	add(bindReLUGrad[float32], bindReLUGrad[float64]).inPlace(gradient[graph.ReLUGrad])
	add(bindBinary[float32], bindBinary[float64]).inPlace(first[graph.Binary])
	add(bindScale[float32], bindScale[float64]).inPlace(first[graph.Scale])
	add(bindSumRows[float32], bindSumRows[float64])
	add(bindSumRowsMul[float32], bindSumRowsMul[float64])
	add(bindConcat[float32], bindConcat[float64])
	add(bindGather[float32], bindGather[float64])
	add(bindScatter[float32], bindScatter[float64])
	add(bindLookup[float32], bindLookup[float64])
	add(bindLookupGrad[float32], bindLookupGrad[float64])
	add(bindResizeTable[float32], bindResizeTable[float64])
	add(bindResizeTableGrad[float32], bindResizeTableGrad[float64])
	add(bindCrossAttention[float32], bindCrossAttention[float64]).scratch(crossAttentionScratch)
	add(bindCrossAttentionGradQ[float32], bindCrossAttentionGradQ[float64]).scratch(crossAttentionScratch)
	add(bindCrossAttentionGradKV[float32], bindCrossAttentionGradKV[float64]).scratch(crossAttentionScratch)
	add(bindJoin[float32], bindJoin[float64])
	add(bindColumns[float32], bindColumns[float64])
	add(bindColumnsGrad[float32], bindColumnsGrad[float64])
	add(bindMeanTokens[float32], bindMeanTokens[float64])
	add(bindRepeatTokens[float32], bindRepeatTokens[float64])
	add(bindNeighbours[float32], bindNeighbours[float64])
	add(bindNeighboursGrad[float32], bindNeighboursGrad[float64])
	add(bindDepth[float32], bindDepth[float64])
	add(bindDepthGrad[float32], bindDepthGrad[float64])
	add(bindBatchNorm[float32], bindBatchNorm[float64])
	add(bindBatchNormGrad[float32], bindBatchNormGrad[float64])
	add(bindBatchNormGradWeight[float32], bindBatchNormGradWeight[float64])
	add(bindBatchNormInference[float32], bindBatchNormInference[float64])
	add(bindBatchNormInferenceGrad[float32], bindBatchNormInferenceGrad[float64])
	add(bindBatchNormInferenceGradWeight[float32], bindBatchNormInferenceGradWeight[float64])
	add(bindDropout[float32], bindDropout[float64])
	add(bindResize[float32], bindResize[float64])
	add(bindResizeGrad[float32], bindResizeGrad[float64])

	add(bindCrossEntropy[float32], bindCrossEntropy[float64])
	add(bindCrossEntropyGrad[float32], bindCrossEntropyGrad[float64])
	add(bindResizedCrossEntropy[float32], bindResizedCrossEntropy[float64]).scratch(resizedCrossEntropyScratch)
	add(bindResizedCrossEntropyGrad[float32], bindResizedCrossEntropyGrad[float64]).scratch(resizedCrossEntropyGradScratch)
	add(bindResizedCrossEntropyWithGrad[float32], bindResizedCrossEntropyWithGrad[float64]).scratch(resizedCrossEntropyWithGradScratch)
	add(bindCut[float32], bindCut[float64])
	add(bindBinaryCrossEntropy[float32], bindBinaryCrossEntropy[float64])
	add(bindBinaryCrossEntropyGrad[float32], bindBinaryCrossEntropyGrad[float64])
	add(bindSigmoidFocal[float32], bindSigmoidFocal[float64])
	add(bindSigmoidFocalGrad[float32], bindSigmoidFocalGrad[float64])
	add(bindSoftmaxFocal[float32], bindSoftmaxFocal[float64])
	add(bindSoftmaxFocalGrad[float32], bindSoftmaxFocalGrad[float64])
	add(bindDice[float32], bindDice[float64])
	add(bindDiceGrad[float32], bindDiceGrad[float64])
	add(bindRegression[float32], bindRegression[float64])
	add(bindRegressionGrad[float32], bindRegressionGrad[float64])
	add(bindSILog[float32], bindSILog[float64])
	add(bindSILogGrad[float32], bindSILogGrad[float64])
	add(bindGradientLog[float32], bindGradientLog[float64])
	add(bindGradientLogGrad[float32], bindGradientLogGrad[float64])
	add(bindFoldNormWeight[float32], bindFoldNormWeight[float64])
	add(bindFoldNormBias[float32], bindFoldNormBias[float64])
	add(cast[float32, float64], cast[float64, float32]).reduced(convert)

	add(bindAdamW[float32], bindAdamW[float64])
	add(bindSGD[float32], bindSGD[float64])
	add(bindAverage[float32], bindAverage[float64])
	add(bindAccumulate[float32], bindAccumulate[float64])
	add(bindRunning[float32], bindRunning[float64])
	add(bindGlobalNorm[float32], bindGlobalNorm[float64])
	add(bindClipFactor[float32], bindClipFactor[float64])
}

// entry is the implementation of operations of type O.
type entry[O graph.Operation] struct{ *implementation }

// add puts an implementation into the table, by what binds it to an output of float32 and
// of float64.
func add[O graph.Operation](f32, f64 func(O, *operands) runner) entry[O] {
	i := &implementation{}
	i.bind = func(op graph.Operation, a *operands) (r runner, err error) {
		switch dt := a.out.Dtype(); dt {
		case tensor.Float32:
			r = f32(op.(O), a)
		case tensor.Float64:
			r = f64(op.(O), a)
		default:
			return nil, fmt.Errorf("%v: not implemented for %v", op, dt)
		}
		return checked(op, a, r)
	}
	var zero O
	table[reflect.TypeOf(zero)] = i
	return entry[O]{i}
}

// checked is r, or what is wrong with its operands.
func checked(op graph.Operation, a *operands, r runner) (runner, error) {
	if a.err != nil {
		return nil, a.err
	}
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("%v: %w", op, err)
	}
	return r, nil
}

func (e entry[O]) packs(weight int) entry[O] {
	e.weight = weight
	return e
}

func (e entry[O]) inPlace(f func(O) int) entry[O] {
	e.implementation.inPlace = func(op graph.Operation) int { return f(op.(O)) }
	return e
}

func (e entry[O]) scratch(f func(op O, in []tensor.Shape, threads int) int) entry[O] {
	e.implementation.scratch = func(op graph.Operation, in []tensor.Shape, threads int) int { return f(op.(O), in, threads) }
	return e
}

func (e entry[O]) forDefinition() entry[O] {
	e.definition = true
	return e
}

// room is the working memory of op in elements, on a pool.
func (how *implementation) room(op graph.Operation, in []tensor.Shape, dt tensor.Dtype, p *cpu.Pool) int {
	if how.scratch == nil || how.definition && dt == tensor.Float32 && p.Tiles() {
		return 0
	}
	return how.scratch(op, in, p.Threads())
}

func (e entry[O]) reduced(f func(O, *operands) runner) entry[O] {
	e.implementation.reduced = func(op graph.Operation, a *operands) (runner, error) { return checked(op, a, f(op.(O), a)) }
	return e
}

func (e entry[O]) forms(f func(i *graph.Instruction, of graph.Precision, maker map[*graph.Value]*graph.Instruction) graph.Forms) entry[O] {
	e.implementation.forms = f
	return e
}
