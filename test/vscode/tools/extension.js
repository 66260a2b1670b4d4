// Asks for the name of a tool and its input in JSON, calls it, and opens a text with what it answers.
const { CancellationTokenSource, commands, lm, window, workspace } = require('vscode');

exports.activate = ({ subscriptions }) => {
  const call = async () => {
    const asked = await window.showInputBox({ title: 'Tool and input', ignoreFocusOut: true });
    const [, name, input] = /^(\S+) (.*)$/.exec(asked ?? '') ?? [];
    if (name === undefined) return;
    let answer;
    try {
      const options = { input: JSON.parse(input), toolInvocationToken: undefined };
      const { content } = await lm.invokeTool(name, options, new CancellationTokenSource().token);
      answer = content.map(({ value }) => value).join('\n');
    } catch (error) {
      answer = `refused: ${error.message}`;
    }
    const document = await workspace.openTextDocument({ language: 'plaintext', content: `${name}\n${answer}` });
    await window.showTextDocument(document, { preview: false });
  };
  subscriptions.push(commands.registerCommand('walk.tool', call));
};
