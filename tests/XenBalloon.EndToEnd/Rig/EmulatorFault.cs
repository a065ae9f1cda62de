using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Commands;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>
/// The death of a PVH guest that QEMU causes, which the host's console or the guest's shows. See tests/rig/README.md.
/// </summary>
internal static class EmulatorFault
{
    /// <summary>Whether a console, or several, show it.</summary>
    public static bool In(string console) =>
        // A triple fault whose dumped "guest" state is the hypervisor's.
        ContainsBoth(console, "Triple fault", "RIP:    e008:")
        // The guest's kernel handles a program's page fault with the program's GS, and faults until its stack ends.
        || ContainsBoth(console, "RIP: 0010:error_entry+", "Kernel panic - not syncing: Fatal exception in interrupt");

    private static bool ContainsBoth(string text, string one, string other) =>
        text.Contains(one, StringComparison.Ordinal) && text.Contains(other, StringComparison.Ordinal);
}

/// <summary>
/// Repeats a test with PVH guests once if QEMU killed one of them. The test must print the consoles when it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RepeatedAfterEmulatorFaultAttribute : NUnitAttribute, IRepeatTest
{
    public TestCommand Wrap(TestCommand command) => new Repetition(command);

    private sealed class Repetition(TestCommand test) : DelegatingTestCommand(test)
    {
        public override TestResult Execute(TestExecutionContext context)
        {
            var result = RunTest(context);
            var isFaulty = result.ResultState.Status == TestStatus.Failed && EmulatorFault.In(result.Output);
            if (!isFaulty)
                return result;
            TestContext.Progress.WriteLine(
                $"{context.CurrentTest.Name} is repeated: QEMU killed a guest\n{result.Output}");
            context.CurrentResult = context.CurrentTest.MakeTestResult();
            context.CurrentRepeatCount++;
            return RunTest(context);
        }

        private TestResult RunTest(TestExecutionContext context)
        {
            try
            {
                return context.CurrentResult = innerCommand.Execute(context);
            }
            catch (Exception exception)
            {
                context.CurrentResult.RecordException(exception);
                return context.CurrentResult;
            }
        }
    }
}
