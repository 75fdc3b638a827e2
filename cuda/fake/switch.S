# void fake_switch(void** from, void* to)
.text
.globl fake_switch
.type fake_switch, @function
fake_switch:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
.size fake_switch, .-fake_switch
.section .note.GNU-stack,"",@progbits
