/** A text as a YAML value on one line: plain where that means the text itself, else in double quotes. */
export function yamlScalar(text: string): string {
  return PLAIN.test(text) && !MEANS_MORE.test(text) ? text : JSON.stringify(text)
}

/** Begins with nothing that YAML takes for syntax, and holds no `: `, ` #`, control character or space at its ends. */
const PLAIN =
  /^(?![\s\-?:,[\]{}#&*!|>'"%@`])(?:(?!: | #)[^\u0000-\u001F\u007F-\u009F\u2028\u2029\uFEFF])*(?<![\s:])$/

/** Would be read as a number, a boolean, nothing or the end of a document. */
const MEANS_MORE =
  /^(?:|~|null|true|false|yes|no|on|off|y|n|\.{3}|[-+]?0[xob][\da-f_]+|[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]?\.(?:inf|nan))$/i
