using XenBalloon.CommandLine;
using XenBalloon.Simulation.Commands;

StandardDescriptors.Ensure();
return (int)SimulateCommand.Run(args, Terminal.OfProcess());
