export {type Shape, parseLine, parseLines, parseObject} from './parse.js'
export {currentFlags, denialOf, isInside, isOutside} from './denials.js'
export {contradiction, extraRefusal} from './refusals.js'
export {firstText, unset, versionQuestion} from './programs.js'
