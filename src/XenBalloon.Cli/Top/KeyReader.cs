namespace XenBalloon.Cli.Top;

/// <summary>
/// Waits for the key that leaves. On a thread that reads all the time: asking Console.KeyAvailable now and then switches the terminal to and fro
/// between lines and keys, and a key that comes in between is lost until the next newline.
/// </summary>
internal sealed class KeyReader
{
    private volatile bool leave;

    /// <summary>Whether q was pressed.</summary>
    internal bool WantsToLeave => leave;

    /// <summary>Begins to read; the thread ends with the process.</summary>
    internal void Start() => new Thread(Read) { IsBackground = true, Name = "keys" }.Start();

    private void Read()
    {
        try
        {
            while (!leave)
            {
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                if (key == default) return; // the end of input
                if (key.KeyChar is 'q' or 'Q') leave = true;
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            // No keys any more: signals and the time still end the view.
        }
    }
}
