import ts from 'typescript'

/** What one exported type of the contract consists of. */
export interface ContractType {
  /** Fields and methods, those of objects in it included. */
  readonly fields: ReadonlySet<string>
  /** Texts that a field may have, such as `invocation`. */
  readonly texts: ReadonlySet<string>
}

/** The exported types of some files, by name, as they are written. */
export function contractTypes(files: readonly string[]): ReadonlyMap<string, ContractType> {
  const types = new Map<string, ContractType>()
  for (const file of files) {
    const source = ts.createSourceFile(file, ts.sys.readFile(file)!, ts.ScriptTarget.Latest, true)
    for (const statement of source.statements) {
      if (!ts.isInterfaceDeclaration(statement) && !ts.isTypeAliasDeclaration(statement)) continue
      const fields = new Set<string>()
      const texts = new Set<string>()
      const visit = (node: ts.Node) => {
        if (
          (ts.isPropertySignature(node) || ts.isMethodSignature(node)) &&
          !ts.isComputedPropertyName(node.name)
        )
          fields.add(node.name.text)
        if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal) && !isIndex(node))
          texts.add(node.literal.text)
        ts.forEachChild(node, visit)
      }

      visit(statement)
      types.set(statement.name.text, {fields, texts})
    }
  }

  return types
}

/** The `'models'` of `Omit<Usage, 'models'>` is no value. */
function isIndex(node: ts.Node): boolean {
  return ts.isTypeReferenceNode(node.parent)
}

/** What the compiler, at its strictest, says against these files; they are given their content by `virtual`. */
export function typeErrors(virtual: ReadonlyMap<string, string>): string[] {
  const options: ts.CompilerOptions = {
    exactOptionalPropertyTypes: true,
    module: ts.ModuleKind.NodeNext,
    noEmit: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    strict: true,
    target: ts.ScriptTarget.ES2023,
    types: [],
    verbatimModuleSyntax: true,
  }
  const host = ts.createCompilerHost(options)
  const onDisk = ts.createCompilerHost(options)
  host.fileExists = (file) => virtual.has(file) || onDisk.fileExists(file)
  host.directoryExists = (directory) =>
    [...virtual.keys()].some((file) => file.startsWith(`${directory}/`)) || ts.sys.directoryExists(directory)
  host.readFile = (file) => virtual.get(file) ?? onDisk.readFile(file)
  host.getSourceFile = (file, target, ...rest) => {
    const text = virtual.get(file)
    return text === undefined
      ? onDisk.getSourceFile(file, target, ...rest)
      : ts.createSourceFile(file, text, target)
  }

  const program = ts.createProgram([...virtual.keys()], options, host)
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({file, messageText, start}) =>
        `${file ? `${file.fileName}:${file.getLineAndCharacterOfPosition(start ?? 0).line + 1}: ` : ''}${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    )
}
