import {appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {AgentUser} from './agent-user.js'

/**
 * Settings of somebody who has started the agent's interactive program before and
 * answered what it asks at first: how it shall look, whether it may use the key,
 * whether it may trust the project. Nothing else is set.
 */
export function answerFirstQuestions(agent: string, user: AgentUser): void {
  FIRST_ANSWERS[agent]!(user)
}

const FIRST_ANSWERS: Record<string, (user: AgentUser) => void> = {
  /** Seen with 2.1.197. Without these it asks its servers whether they can be reached, and for plugins. */
  claude({env, home, project}) {
    const path = join(home, '.claude.json')
    const kept = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as object) : {}
    const answers = {
      hasCompletedOnboarding: true,
      lastOnboardingVersion: '2.1.197',
      theme: 'dark',
      customApiKeyResponses: {approved: [env.ANTHROPIC_API_KEY!.slice(-20)], rejected: []},
      projects: {[project]: {hasTrustDialogAccepted: true}},
    }
    writeFileSync(path, JSON.stringify({...kept, ...answers}))
    env.CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL = '1'
  },

  /** Seen with 0.169.0: it recommends a newer model. */
  codex({home}) {
    appendFileSync(join(home, '.codex/config.toml'), '\n[notice.model_migrations]\n"gpt-5.5" = "gpt-6-sol"\n')
  },

  /** Seen with 0.61.0. */
  gemini({home, project}) {
    mkdirSync(join(home, '.gemini'), {recursive: true})
    writeFileSync(join(home, '.gemini/trustedFolders.json'), JSON.stringify({[project]: 'TRUST_FOLDER'}))
  },

  /** 1.18.33 asks nothing. */
  opencode: () => undefined,
}
