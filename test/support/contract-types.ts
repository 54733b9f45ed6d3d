import ts from 'typescript'
import {join} from 'node:path'
import {ROOT} from './sandbox.js'

export const CONTRACT = join(ROOT, 'plugins/contract/src/contract.ts')

/** Compiles these files at the compiler's strictest, as their author would; returns what it says against them. */
export function compile(files: readonly string[], options: ts.CompilerOptions = {noEmit: true}): string[] {
  const program = ts.createProgram(files, {
    exactOptionalPropertyTypes: true,
    module: ts.ModuleKind.NodeNext,
    noPropertyAccessFromIndexSignature: true,
    noUncheckedIndexedAccess: true,
    strict: true,
    target: ts.ScriptTarget.ES2023,
    types: [],
    verbatimModuleSyntax: true,
    ...options,
  })
  return [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics].map(
    ({file, messageText}) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  )
}

/** The exported types of the contract, by name, with the names of their fields and the texts that a field may have. */
export function contractTypes(): ReadonlyMap<string, ReadonlySet<string>> {
  const source = ts.createSourceFile(CONTRACT, ts.sys.readFile(CONTRACT)!, ts.ScriptTarget.Latest, true)
  const types = new Map<string, ReadonlySet<string>>()
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement) && !ts.isTypeAliasDeclaration(statement)) continue
    const names = new Set<string>()
    const visit = (node: ts.Node) => {
      if (
        (ts.isPropertySignature(node) || ts.isMethodSignature(node)) &&
        !ts.isComputedPropertyName(node.name)
      )
        names.add(node.name.text)
      // The `'models'` of `Omit<Usage, 'models'>` is no value.
      if (
        ts.isLiteralTypeNode(node) &&
        ts.isStringLiteral(node.literal) &&
        !ts.isTypeReferenceNode(node.parent)
      )
        names.add(node.literal.text)
      ts.forEachChild(node, visit)
    }

    visit(statement)
    types.set(statement.name.text, names)
  }

  return types
}
