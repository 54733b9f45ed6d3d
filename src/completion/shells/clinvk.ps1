# Completion of clinvk for PowerShell, 5.1 and later. This file is written by: clinvk completion powershell

Register-ArgumentCompleter -Native -CommandName clinvk -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)

  $words = @($commandAst.CommandElements |
      Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
      ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
      })
  $command, $words = $words
  $words = @($words | Where-Object { $_ })

  # Some versions drop an empty word on its way to a program.
  $found = if ($wordToComplete) { & $command __complete -- @words 2>$null } else { & $command __complete --empty -- @words 2>$null }

  foreach ($line in $found) {
    if ($line -eq ':files' -or $line -eq ':directories') {
      [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
      continue
    }
    if ($line.StartsWith(':')) { continue }
    $value, $description = $line -split "`t", 2
    if (-not $description) { $description = $value }
    $text = if ($value -match '[^A-Za-z0-9_./:=+-]') { "'" + $value.Replace("'", "''") + "'" } else { $value }
    [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $description)
  }
}
