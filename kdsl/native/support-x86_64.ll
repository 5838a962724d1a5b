target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

%struct.kdsl_launch = type { [3 x i64], [3 x i64], [3 x i64] }
%struct.Plan = type { i64, i64, i64, i32, i32, i32 }
%struct.Work = type { ptr, ptr, ptr, i64, i64 }
%struct.Param = type { i32, i32, i32, i32, i32, i32 }
%struct.Way = type { ptr, double, i64, i64, i64, i32, i32, i32, i32, i32, i32, [3 x i32], i32, i32, i32, i32, i32, i32, double }

@state = internal global i32 0, align 4
@handles = internal global [1024 x i64] zeroinitializer, align 16
@started = internal unnamed_addr global i64 0, align 8
@at_the_end = internal constant [1 x ptr] [ptr @KDSL_shutdown], section ".fini_array", align 8
@wanted = internal unnamed_addr global i32 0, align 4
@others_workers = internal unnamed_addr global i64 0, align 8
@others_context = internal unnamed_addr global ptr null, align 8
@others = internal unnamed_addr global ptr null, align 8
@KDSL_error_text.texts.rel = internal unnamed_addr constant [8 x i32] [i32 trunc (i64 sub (i64 ptrtoint (ptr @.str to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.1 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.2 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.3 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.4 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.5 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.6 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.7 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32)], align 4
@.str = private unnamed_addr constant [9 x i8] c"no error\00", align 1
@.str.1 = private unnamed_addr constant [62 x i8] c"a null pointer where an array, a shape or a value is expected\00", align 1
@.str.2 = private unnamed_addr constant [50 x i8] c"a grid, block or number of threads that cannot be\00", align 1
@.str.3 = private unnamed_addr constant [50 x i8] c"a negative extent, or an array larger than memory\00", align 1
@.str.4 = private unnamed_addr constant [40 x i8] c"an array whose elements are not aligned\00", align 1
@.str.5 = private unnamed_addr constant [51 x i8] c"an array to be written whose elements share memory\00", align 1
@.str.6 = private unnamed_addr constant [14 x i8] c"out of memory\00", align 1
@.str.7 = private unnamed_addr constant [27 x i8] c"no code for this processor\00", align 1
@.str.8 = private unnamed_addr constant [29 x i8] c"not an error of this library\00", align 1
@level_known = internal unnamed_addr global i32 0, align 4
@workers.registered = internal unnamed_addr global i1 false, align 4
@.str.9 = private unnamed_addr constant [17 x i8] c"KDSL_NUM_THREADS\00", align 1
@llvm.compiler.used = appending global [1 x ptr] [ptr @at_the_end], section "llvm.metadata"

; Function Attrs: nounwind
define void @KDSL_shutdown() #0 {
  %1 = cmpxchg ptr @state, i32 2, i32 1 acq_rel acquire, align 4
  %2 = extractvalue { i32, i1 } %1, 1
  br i1 %2, label %3, label %5

3:                                                ; preds = %0
  %4 = load i64, ptr @started, align 8, !tbaa !3
  tail call void @kdsl_pool_stop(ptr noundef nonnull @handles, i64 noundef %4) #12
  store i64 0, ptr @started, align 8, !tbaa !3
  store atomic i32 3, ptr @state release, align 4
  br label %5

5:                                                ; preds = %3, %0
  ret void
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(i64 immarg, ptr nocapture) #1

declare void @kdsl_pool_stop(ptr noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(i64 immarg, ptr nocapture) #1

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_threads(i32 noundef %0) local_unnamed_addr #3 {
  store i32 %0, ptr @wanted, align 4, !tbaa !7
  ret void
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_parallel(ptr noundef %0, ptr noundef %1, i32 noundef %2) local_unnamed_addr #3 {
  %4 = tail call i32 @llvm.smax.i32(i32 %2, i32 1)
  %5 = zext nneg i32 %4 to i64
  store i64 %5, ptr @others_workers, align 8, !tbaa !3
  store ptr %1, ptr @others_context, align 8, !tbaa !9
  store ptr %0, ptr @others, align 8, !tbaa !9
  ret void
}

; Function Attrs: nounwind
define i32 @KDSL_launch_kernel(ptr nocapture noundef readonly %0, ptr noundef readonly %1, ptr nocapture noundef readonly %2) local_unnamed_addr #0 {
  %4 = alloca [128 x i64], align 16
  %5 = alloca [128 x i64], align 16
  %6 = alloca %struct.kdsl_launch, align 8
  %7 = alloca %struct.Plan, align 8
  %8 = alloca [16 x i64], align 16
  %9 = alloca %struct.Work, align 8
  %10 = alloca [4 x i32], align 16
  %11 = alloca [4 x i32], align 16
  %12 = alloca [4 x i32], align 16
  %13 = alloca [64 x i64], align 16
  %14 = alloca [512 x i64], align 16
  call void @llvm.lifetime.start.p0(i64 4096, ptr nonnull %14) #13
  %15 = icmp eq ptr %1, null
  br i1 %15, label %756, label %16

16:                                               ; preds = %3
  %17 = getelementptr inbounds i8, ptr %1, i64 24
  %18 = getelementptr inbounds i8, ptr %1, i64 48
  %19 = load i64, ptr %1, align 8, !tbaa !3
  %20 = load i64, ptr %17, align 8, !tbaa !3
  %21 = icmp slt i64 %19, 0
  %22 = add i64 %20, -1025
  %23 = icmp ult i64 %22, -1024
  %24 = select i1 %21, i1 true, i1 %23
  br i1 %24, label %756, label %75

25:                                               ; preds = %84
  %26 = getelementptr inbounds i8, ptr %1, i64 8
  %27 = load i64, ptr %26, align 8, !tbaa !3
  %28 = getelementptr inbounds i8, ptr %1, i64 32
  %29 = load i64, ptr %28, align 8, !tbaa !3
  %30 = icmp slt i64 %27, 0
  %31 = add i64 %29, -1025
  %32 = icmp ult i64 %31, -1024
  %33 = select i1 %30, i1 true, i1 %32
  br i1 %33, label %756, label %34

34:                                               ; preds = %25
  %35 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %27, i64 %29)
  %36 = extractvalue { i64, i1 } %35, 1
  %37 = extractvalue { i64, i1 } %35, 0
  br i1 %36, label %756, label %38

38:                                               ; preds = %34
  %39 = getelementptr inbounds i8, ptr %1, i64 56
  %40 = load i64, ptr %39, align 8, !tbaa !3
  %41 = icmp slt i64 %40, 0
  %42 = icmp sgt i64 %40, %37
  %43 = select i1 %41, i1 true, i1 %42
  br i1 %43, label %756, label %44

44:                                               ; preds = %38
  %45 = icmp eq i64 %27, 0
  %46 = sext i1 %45 to i64
  %47 = sub nsw i64 %46, %29
  %48 = add i64 %47, %37
  %49 = icmp sgt i64 %40, %48
  br i1 %49, label %50, label %756

50:                                               ; preds = %44
  %51 = getelementptr inbounds i8, ptr %1, i64 16
  %52 = load i64, ptr %51, align 8, !tbaa !3
  %53 = getelementptr inbounds i8, ptr %1, i64 40
  %54 = load i64, ptr %53, align 8, !tbaa !3
  %55 = icmp slt i64 %52, 0
  %56 = add i64 %54, -1025
  %57 = icmp ult i64 %56, -1024
  %58 = select i1 %55, i1 true, i1 %57
  br i1 %58, label %756, label %59

59:                                               ; preds = %50
  %60 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %52, i64 %54)
  %61 = extractvalue { i64, i1 } %60, 1
  %62 = extractvalue { i64, i1 } %60, 0
  br i1 %61, label %756, label %63

63:                                               ; preds = %59
  %64 = getelementptr inbounds i8, ptr %1, i64 64
  %65 = load i64, ptr %64, align 8, !tbaa !3
  %66 = icmp slt i64 %65, 0
  %67 = icmp sgt i64 %65, %62
  %68 = select i1 %66, i1 true, i1 %67
  br i1 %68, label %756, label %69

69:                                               ; preds = %63
  %70 = icmp eq i64 %52, 0
  %71 = sext i1 %70 to i64
  %72 = sub nsw i64 %71, %54
  %73 = add i64 %72, %62
  %74 = icmp sgt i64 %65, %73
  br i1 %74, label %90, label %756

75:                                               ; preds = %16
  %76 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %19, i64 %20)
  %77 = extractvalue { i64, i1 } %76, 1
  %78 = extractvalue { i64, i1 } %76, 0
  br i1 %77, label %756, label %79

79:                                               ; preds = %75
  %80 = load i64, ptr %18, align 8, !tbaa !3
  %81 = icmp slt i64 %80, 0
  %82 = icmp sgt i64 %80, %78
  %83 = select i1 %81, i1 true, i1 %82
  br i1 %83, label %756, label %84

84:                                               ; preds = %79
  %85 = icmp eq i64 %19, 0
  %86 = sext i1 %85 to i64
  %87 = sub nsw i64 %86, %20
  %88 = add i64 %87, %78
  %89 = icmp sgt i64 %80, %88
  br i1 %89, label %25, label %756

90:                                               ; preds = %69
  %91 = mul nuw nsw i64 %29, %20
  %92 = mul nuw nsw i64 %91, %54
  %93 = icmp ugt i64 %92, 1024
  br i1 %93, label %756, label %94

94:                                               ; preds = %90
  %95 = getelementptr inbounds i8, ptr %0, i64 16
  %96 = load i32, ptr %95, align 8, !tbaa !11
  %97 = icmp sgt i32 %96, 0
  br i1 %97, label %98, label %370

98:                                               ; preds = %94
  %99 = load ptr, ptr %0, align 8, !tbaa !13
  %100 = zext nneg i32 %96 to i64
  br label %101

101:                                              ; preds = %98, %354
  %102 = phi i64 [ 0, %98 ], [ %358, %354 ]
  %103 = phi i32 [ 0, %98 ], [ %357, %354 ]
  %104 = phi i32 [ 0, %98 ], [ %355, %354 ]
  %105 = getelementptr inbounds %struct.Param, ptr %99, i64 %102
  %106 = load i32, ptr %105, align 4, !tbaa !14
  %107 = icmp eq i32 %106, 0
  %108 = getelementptr inbounds ptr, ptr %2, i64 %102
  %109 = load ptr, ptr %108, align 8, !tbaa !9
  br i1 %107, label %264, label %110

110:                                              ; preds = %101
  %111 = sext i32 %103 to i64
  %112 = getelementptr inbounds i64, ptr %14, i64 %111
  call void @llvm.lifetime.start.p0(i64 512, ptr nonnull %13) #13
  %113 = icmp eq ptr %109, null
  br i1 %113, label %360, label %114

114:                                              ; preds = %110
  %115 = getelementptr inbounds i8, ptr %105, i64 8
  %116 = load i32, ptr %115, align 4, !tbaa !16
  %117 = icmp eq i32 %116, 0
  br i1 %117, label %122, label %118

118:                                              ; preds = %114
  %119 = getelementptr inbounds i8, ptr %109, i64 8
  %120 = load ptr, ptr %119, align 8, !tbaa !17
  %121 = icmp eq ptr %120, null
  br i1 %121, label %360, label %122

122:                                              ; preds = %118, %114
  %123 = getelementptr inbounds i8, ptr %105, i64 4
  %124 = load i32, ptr %123, align 4, !tbaa !19
  %125 = sext i32 %124 to i64
  %126 = getelementptr inbounds i8, ptr %109, i64 8
  %127 = zext i32 %116 to i64
  br label %128

128:                                              ; preds = %140, %122
  %129 = phi i64 [ %132, %140 ], [ %127, %122 ]
  %130 = phi i64 [ %143, %140 ], [ 0, %122 ]
  %131 = phi i64 [ %148, %140 ], [ %125, %122 ]
  %132 = add nsw i64 %129, -1
  %133 = trunc nuw i64 %129 to i32
  %134 = icmp slt i32 %133, 1
  br i1 %134, label %149, label %135

135:                                              ; preds = %128
  %136 = load ptr, ptr %126, align 8, !tbaa !17
  %137 = getelementptr inbounds i64, ptr %136, i64 %132
  %138 = load i64, ptr %137, align 8, !tbaa !3
  %139 = icmp slt i64 %138, 0
  br i1 %139, label %364, label %140

140:                                              ; preds = %135
  %141 = icmp eq i64 %138, 0
  %142 = zext i1 %141 to i64
  %143 = or i64 %130, %142
  %144 = getelementptr inbounds [64 x i64], ptr %13, i64 0, i64 %132
  store i64 %131, ptr %144, align 8, !tbaa !3
  %145 = tail call i64 @llvm.umax.i64(i64 %138, i64 1)
  %146 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %131, i64 %145)
  %147 = extractvalue { i64, i1 } %146, 1
  %148 = extractvalue { i64, i1 } %146, 0
  br i1 %147, label %364, label %128, !llvm.loop !20

149:                                              ; preds = %128
  %150 = getelementptr inbounds i8, ptr %109, i64 16
  %151 = load ptr, ptr %150, align 8, !tbaa !22
  %152 = icmp eq ptr %151, null
  %153 = select i1 %152, ptr %13, ptr %151
  %154 = load ptr, ptr %109, align 8, !tbaa !23
  %155 = icmp ne ptr %154, null
  %156 = icmp ne i64 %130, 0
  %157 = select i1 %155, i1 true, i1 %156
  br i1 %157, label %158, label %364

158:                                              ; preds = %149
  %159 = ptrtoint ptr %154 to i64
  %160 = getelementptr inbounds i8, ptr %105, i64 16
  %161 = load i32, ptr %160, align 4, !tbaa !24
  %162 = add nsw i32 %161, -1
  %163 = sext i32 %162 to i64
  %164 = and i64 %163, %159
  %165 = icmp eq i64 %164, 0
  br i1 %165, label %166, label %364

166:                                              ; preds = %158
  store i64 %159, ptr %112, align 8, !tbaa !3
  %167 = icmp sgt i32 %116, 0
  br i1 %167, label %168, label %187

168:                                              ; preds = %166
  %169 = load ptr, ptr %126, align 8, !tbaa !17
  %170 = getelementptr inbounds i64, ptr %112, i64 %127
  %171 = getelementptr inbounds i8, ptr %170, i64 8
  br label %172

172:                                              ; preds = %182, %168
  %173 = phi i64 [ 0, %168 ], [ %183, %182 ]
  %174 = getelementptr inbounds i64, ptr %169, i64 %173
  %175 = load i64, ptr %174, align 8, !tbaa !3
  %176 = icmp slt i64 %175, 2
  %177 = getelementptr inbounds i64, ptr %153, i64 %173
  %178 = load i64, ptr %177, align 8, !tbaa !3
  %179 = and i64 %178, %163
  %180 = icmp eq i64 %179, 0
  %181 = select i1 %176, i1 true, i1 %180
  br i1 %181, label %182, label %364

182:                                              ; preds = %172
  %183 = add nuw nsw i64 %173, 1
  %184 = getelementptr inbounds i64, ptr %112, i64 %183
  store i64 %175, ptr %184, align 8, !tbaa !3
  %185 = getelementptr inbounds i64, ptr %171, i64 %173
  store i64 %178, ptr %185, align 8, !tbaa !3
  %186 = icmp eq i64 %183, %127
  br i1 %186, label %187, label %172, !llvm.loop !25

187:                                              ; preds = %182, %166
  %188 = getelementptr inbounds i8, ptr %105, i64 12
  %189 = load i32, ptr %188, align 4, !tbaa !26
  %190 = icmp sgt i32 %189, -1
  br i1 %190, label %191, label %203

191:                                              ; preds = %187
  %192 = load ptr, ptr %126, align 8, !tbaa !17
  %193 = zext nneg i32 %189 to i64
  %194 = getelementptr inbounds i64, ptr %192, i64 %193
  %195 = load i64, ptr %194, align 8, !tbaa !3
  %196 = icmp sgt i64 %195, 1
  br i1 %196, label %197, label %203

197:                                              ; preds = %191
  %198 = getelementptr inbounds i64, ptr %153, i64 %193
  %199 = load i64, ptr %198, align 8, !tbaa !3
  %200 = icmp eq i64 %199, %125
  %201 = select i1 %200, i1 true, i1 %156
  %202 = select i1 %201, i32 %104, i32 1
  br label %203

203:                                              ; preds = %197, %191, %187
  %204 = phi i32 [ %104, %191 ], [ %104, %187 ], [ %202, %197 ]
  %205 = getelementptr inbounds i8, ptr %105, i64 20
  %206 = load i32, ptr %205, align 4, !tbaa !27
  %207 = icmp eq i32 %206, 0
  %208 = select i1 %207, i1 true, i1 %152
  %209 = select i1 %208, i1 true, i1 %156
  br i1 %209, label %261, label %210

210:                                              ; preds = %203
  %211 = load ptr, ptr %126, align 8, !tbaa !17
  br i1 %167, label %212, label %261

212:                                              ; preds = %210, %251
  %213 = phi i64 [ %258, %251 ], [ %125, %210 ]
  %214 = phi i32 [ %259, %251 ], [ 0, %210 ]
  %215 = phi i64 [ %253, %251 ], [ 0, %210 ]
  br label %218

216:                                              ; preds = %241
  %217 = icmp slt i32 %242, 0
  br i1 %217, label %261, label %245

218:                                              ; preds = %241, %212
  %219 = phi i64 [ 0, %212 ], [ %243, %241 ]
  %220 = phi i32 [ -1, %212 ], [ %242, %241 ]
  %221 = getelementptr inbounds i64, ptr %151, i64 %219
  %222 = load i64, ptr %221, align 8, !tbaa !3
  %223 = tail call i64 @llvm.abs.i64(i64 %222, i1 true)
  %224 = shl nuw i64 1, %219
  %225 = and i64 %224, %215
  %226 = icmp eq i64 %225, 0
  br i1 %226, label %227, label %241

227:                                              ; preds = %218
  %228 = getelementptr inbounds i64, ptr %211, i64 %219
  %229 = load i64, ptr %228, align 8, !tbaa !3
  %230 = icmp slt i64 %229, 2
  br i1 %230, label %241, label %231

231:                                              ; preds = %227
  %232 = icmp slt i32 %220, 0
  br i1 %232, label %239, label %233

233:                                              ; preds = %231
  %234 = zext nneg i32 %220 to i64
  %235 = getelementptr inbounds i64, ptr %151, i64 %234
  %236 = load i64, ptr %235, align 8, !tbaa !3
  %237 = tail call i64 @llvm.abs.i64(i64 %236, i1 true)
  %238 = icmp ult i64 %223, %237
  br i1 %238, label %239, label %241

239:                                              ; preds = %233, %231
  %240 = trunc nuw nsw i64 %219 to i32
  br label %241

241:                                              ; preds = %239, %233, %227, %218
  %242 = phi i32 [ %220, %227 ], [ %220, %218 ], [ %240, %239 ], [ %220, %233 ]
  %243 = add nuw nsw i64 %219, 1
  %244 = icmp eq i64 %243, %127
  br i1 %244, label %216, label %218, !llvm.loop !28

245:                                              ; preds = %216
  %246 = zext nneg i32 %242 to i64
  %247 = getelementptr inbounds i64, ptr %151, i64 %246
  %248 = load i64, ptr %247, align 8, !tbaa !3
  %249 = tail call i64 @llvm.abs.i64(i64 %248, i1 true)
  %250 = icmp slt i64 %249, %213
  br i1 %250, label %364, label %251

251:                                              ; preds = %245
  %252 = shl nuw i64 1, %246
  %253 = or i64 %252, %215
  %254 = getelementptr inbounds i64, ptr %211, i64 %246
  %255 = load i64, ptr %254, align 8, !tbaa !3
  %256 = add nsw i64 %255, -1
  %257 = mul nsw i64 %256, %249
  %258 = add nsw i64 %257, %213
  %259 = add nuw nsw i32 %214, 1
  %260 = icmp eq i32 %259, %116
  br i1 %260, label %261, label %212, !llvm.loop !29

261:                                              ; preds = %251, %216, %203, %210
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %13) #13
  %262 = shl nsw i32 %116, 1
  %263 = or disjoint i32 %262, 1
  br label %354

264:                                              ; preds = %101
  %265 = icmp eq ptr %109, null
  br i1 %265, label %266, label %270

266:                                              ; preds = %264
  %267 = trunc nuw nsw i64 %102 to i32
  %268 = shl i32 %267, 8
  %269 = add i32 %268, 257
  br label %756

270:                                              ; preds = %264
  %271 = getelementptr inbounds i8, ptr %105, i64 4
  %272 = load i32, ptr %271, align 4, !tbaa !19
  %273 = add nsw i32 %272, 7
  %274 = sdiv i32 %273, 8
  %275 = icmp sgt i32 %272, 0
  br i1 %275, label %276, label %354

276:                                              ; preds = %270
  %277 = sext i32 %103 to i64
  %278 = tail call i32 @llvm.smax.i32(i32 %274, i32 1)
  %279 = zext nneg i32 %278 to i64
  %280 = and i64 %279, 3
  %281 = icmp slt i32 %272, 25
  br i1 %281, label %284, label %282

282:                                              ; preds = %276
  %283 = and i64 %279, 268435452
  br label %304

284:                                              ; preds = %304, %276
  %285 = phi i64 [ 0, %276 ], [ %318, %304 ]
  %286 = icmp eq i64 %280, 0
  br i1 %286, label %295, label %287

287:                                              ; preds = %284, %287
  %288 = phi i64 [ %292, %287 ], [ %285, %284 ]
  %289 = phi i64 [ %293, %287 ], [ 0, %284 ]
  %290 = add nsw i64 %288, %277
  %291 = getelementptr inbounds [512 x i64], ptr %14, i64 0, i64 %290
  store i64 0, ptr %291, align 8, !tbaa !3
  %292 = add nuw nsw i64 %288, 1
  %293 = add i64 %289, 1
  %294 = icmp eq i64 %293, %280
  br i1 %294, label %295, label %287, !llvm.loop !30

295:                                              ; preds = %287, %284
  br i1 %275, label %296, label %354

296:                                              ; preds = %295
  %297 = sext i32 %103 to i64
  %298 = getelementptr inbounds i64, ptr %14, i64 %297
  %299 = zext nneg i32 %272 to i64
  %300 = and i64 %299, 3
  %301 = icmp ult i32 %272, 4
  br i1 %301, label %342, label %302

302:                                              ; preds = %296
  %303 = and i64 %299, 2147483644
  br label %321

304:                                              ; preds = %304, %282
  %305 = phi i64 [ 0, %282 ], [ %318, %304 ]
  %306 = phi i64 [ 0, %282 ], [ %319, %304 ]
  %307 = add nsw i64 %305, %277
  %308 = getelementptr inbounds [512 x i64], ptr %14, i64 0, i64 %307
  store i64 0, ptr %308, align 8, !tbaa !3
  %309 = or disjoint i64 %305, 1
  %310 = add nsw i64 %309, %277
  %311 = getelementptr inbounds [512 x i64], ptr %14, i64 0, i64 %310
  store i64 0, ptr %311, align 8, !tbaa !3
  %312 = or disjoint i64 %305, 2
  %313 = add nsw i64 %312, %277
  %314 = getelementptr inbounds [512 x i64], ptr %14, i64 0, i64 %313
  store i64 0, ptr %314, align 8, !tbaa !3
  %315 = or disjoint i64 %305, 3
  %316 = add nsw i64 %315, %277
  %317 = getelementptr inbounds [512 x i64], ptr %14, i64 0, i64 %316
  store i64 0, ptr %317, align 8, !tbaa !3
  %318 = add nuw nsw i64 %305, 4
  %319 = add i64 %306, 4
  %320 = icmp eq i64 %319, %283
  br i1 %320, label %284, label %304, !llvm.loop !32

321:                                              ; preds = %321, %302
  %322 = phi i64 [ 0, %302 ], [ %339, %321 ]
  %323 = phi i64 [ 0, %302 ], [ %340, %321 ]
  %324 = getelementptr inbounds i8, ptr %109, i64 %322
  %325 = load i8, ptr %324, align 1, !tbaa !33
  %326 = getelementptr inbounds i8, ptr %298, i64 %322
  store i8 %325, ptr %326, align 4, !tbaa !33
  %327 = or disjoint i64 %322, 1
  %328 = getelementptr inbounds i8, ptr %109, i64 %327
  %329 = load i8, ptr %328, align 1, !tbaa !33
  %330 = getelementptr inbounds i8, ptr %298, i64 %327
  store i8 %329, ptr %330, align 1, !tbaa !33
  %331 = or disjoint i64 %322, 2
  %332 = getelementptr inbounds i8, ptr %109, i64 %331
  %333 = load i8, ptr %332, align 1, !tbaa !33
  %334 = getelementptr inbounds i8, ptr %298, i64 %331
  store i8 %333, ptr %334, align 2, !tbaa !33
  %335 = or disjoint i64 %322, 3
  %336 = getelementptr inbounds i8, ptr %109, i64 %335
  %337 = load i8, ptr %336, align 1, !tbaa !33
  %338 = getelementptr inbounds i8, ptr %298, i64 %335
  store i8 %337, ptr %338, align 1, !tbaa !33
  %339 = add nuw nsw i64 %322, 4
  %340 = add i64 %323, 4
  %341 = icmp eq i64 %340, %303
  br i1 %341, label %342, label %321, !llvm.loop !34

342:                                              ; preds = %321, %296
  %343 = phi i64 [ 0, %296 ], [ %339, %321 ]
  %344 = icmp eq i64 %300, 0
  br i1 %344, label %354, label %345

345:                                              ; preds = %342, %345
  %346 = phi i64 [ %351, %345 ], [ %343, %342 ]
  %347 = phi i64 [ %352, %345 ], [ 0, %342 ]
  %348 = getelementptr inbounds i8, ptr %109, i64 %346
  %349 = load i8, ptr %348, align 1, !tbaa !33
  %350 = getelementptr inbounds i8, ptr %298, i64 %346
  store i8 %349, ptr %350, align 1, !tbaa !33
  %351 = add nuw nsw i64 %346, 1
  %352 = add i64 %347, 1
  %353 = icmp eq i64 %352, %300
  br i1 %353, label %354, label %345, !llvm.loop !35

354:                                              ; preds = %342, %345, %270, %295, %261
  %355 = phi i32 [ %204, %261 ], [ %104, %295 ], [ %104, %270 ], [ %104, %345 ], [ %104, %342 ]
  %356 = phi i32 [ %263, %261 ], [ %274, %295 ], [ %274, %270 ], [ %274, %345 ], [ %274, %342 ]
  %357 = add nsw i32 %356, %103
  %358 = add nuw nsw i64 %102, 1
  %359 = icmp eq i64 %358, %100
  br i1 %359, label %370, label %101, !llvm.loop !36

360:                                              ; preds = %110, %118
  %361 = trunc nuw nsw i64 %102 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %13) #13
  %362 = shl i32 %361, 8
  %363 = add i32 %362, 257
  br label %756

364:                                              ; preds = %158, %149, %135, %140, %172, %245
  %365 = phi i32 [ 5, %245 ], [ 4, %172 ], [ 3, %140 ], [ 3, %135 ], [ 4, %158 ], [ 1, %149 ]
  %366 = trunc nuw nsw i64 %102 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %13) #13
  %367 = shl i32 %366, 8
  %368 = add i32 %367, 256
  %369 = or disjoint i32 %365, %368
  br label %756

370:                                              ; preds = %354, %94
  %371 = phi i32 [ 0, %94 ], [ %355, %354 ]
  %372 = load atomic i32, ptr @level_known monotonic, align 4
  %373 = icmp eq i32 %372, 0
  br i1 %373, label %374, label %414

374:                                              ; preds = %370
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %10) #13
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %11) #13
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %12) #13
  call void @kdsl_cpuid(i32 noundef 0, i32 noundef 0, ptr noundef nonnull %10) #12
  %375 = load i32, ptr %10, align 16, !tbaa !7
  call void @kdsl_cpuid(i32 noundef 1, i32 noundef 0, ptr noundef nonnull %10) #12
  call void @kdsl_cpuid(i32 noundef -2147483647, i32 noundef 0, ptr noundef nonnull %12) #12
  %376 = getelementptr inbounds i8, ptr %10, i64 8
  %377 = load i32, ptr %376, align 8, !tbaa !7
  %378 = and i32 %377, 9970177
  %379 = icmp eq i32 %378, 9970177
  br i1 %379, label %380, label %409

380:                                              ; preds = %374
  %381 = getelementptr inbounds i8, ptr %12, i64 8
  %382 = load i32, ptr %381, align 8, !tbaa !7
  %383 = and i32 %382, 1
  %384 = icmp eq i32 %383, 0
  br i1 %384, label %409, label %385

385:                                              ; preds = %380
  %386 = and i32 %377, 943722496
  %387 = icmp ne i32 %386, 943722496
  %388 = icmp ult i32 %375, 7
  %389 = select i1 %387, i1 true, i1 %388
  %390 = and i32 %382, 32
  %391 = icmp eq i32 %390, 0
  %392 = or i1 %389, %391
  br i1 %392, label %409, label %393

393:                                              ; preds = %385
  %394 = call i64 @kdsl_xgetbv() #12
  call void @kdsl_cpuid(i32 noundef 7, i32 noundef 0, ptr noundef nonnull %11) #12
  %395 = and i64 %394, 6
  %396 = icmp eq i64 %395, 6
  br i1 %396, label %397, label %409

397:                                              ; preds = %393
  %398 = getelementptr inbounds i8, ptr %11, i64 4
  %399 = load i32, ptr %398, align 4
  %400 = and i32 %399, 296
  %401 = icmp eq i32 %400, 296
  br i1 %401, label %402, label %409

402:                                              ; preds = %397
  %403 = and i64 %394, 230
  %404 = icmp eq i64 %403, 230
  %405 = and i32 %399, -805109760
  %406 = icmp eq i32 %405, -805109760
  %407 = and i1 %404, %406
  %408 = select i1 %407, i32 4, i32 3
  br label %409

409:                                              ; preds = %402, %397, %393, %385, %380, %374
  %410 = phi i32 [ 1, %380 ], [ 1, %374 ], [ 2, %385 ], [ %408, %402 ], [ 2, %397 ], [ 2, %393 ]
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %12) #13
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %11) #13
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %10) #13
  store atomic i32 %410, ptr @level_known monotonic, align 4
  %411 = load i64, ptr %17, align 8, !tbaa !3
  %412 = load i64, ptr %28, align 8, !tbaa !3
  %413 = load i64, ptr %53, align 8, !tbaa !3
  br label %414

414:                                              ; preds = %409, %370
  %415 = phi i64 [ %54, %370 ], [ %413, %409 ]
  %416 = phi i64 [ %29, %370 ], [ %412, %409 ]
  %417 = phi i64 [ %20, %370 ], [ %411, %409 ]
  %418 = phi i32 [ %372, %370 ], [ %410, %409 ]
  %419 = getelementptr inbounds i8, ptr %0, i64 20
  %420 = load i32, ptr %419, align 4, !tbaa !37
  %421 = icmp sgt i32 %420, 0
  br i1 %421, label %422, label %756

422:                                              ; preds = %414
  %423 = load i64, ptr %64, align 8, !tbaa !3
  %424 = load i64, ptr %51, align 8, !tbaa !3
  %425 = mul nsw i64 %424, %415
  %426 = icmp ne i64 %423, %425
  %427 = load i64, ptr %18, align 8, !tbaa !3
  %428 = load i64, ptr %1, align 8, !tbaa !3
  %429 = mul nsw i64 %428, %417
  %430 = icmp ne i64 %427, %429
  %431 = load i64, ptr %39, align 8, !tbaa !3
  %432 = load i64, ptr %26, align 8, !tbaa !3
  %433 = mul nsw i64 %432, %416
  %434 = icmp ne i64 %431, %433
  %435 = getelementptr inbounds i8, ptr %0, i64 8
  %436 = load ptr, ptr %435, align 8, !tbaa !38
  %437 = zext nneg i32 %420 to i64
  %438 = mul nsw i64 %415, %416
  %439 = icmp sgt i64 %438, 1
  br label %440

440:                                              ; preds = %496, %422
  %441 = phi i64 [ 0, %422 ], [ %498, %496 ]
  %442 = phi ptr [ null, %422 ], [ %497, %496 ]
  %443 = getelementptr inbounds %struct.Way, ptr %436, i64 %441
  %444 = getelementptr inbounds i8, ptr %443, i64 40
  %445 = load i32, ptr %444, align 8, !tbaa !39
  %446 = icmp sgt i32 %445, %418
  br i1 %446, label %496, label %447

447:                                              ; preds = %440
  %448 = getelementptr inbounds i8, ptr %443, i64 44
  %449 = load i32, ptr %448, align 4, !tbaa !42
  %450 = icmp eq i32 %449, %371
  br i1 %450, label %451, label %496

451:                                              ; preds = %447
  %452 = icmp eq ptr %442, null
  br i1 %452, label %457, label %453

453:                                              ; preds = %451
  %454 = getelementptr inbounds i8, ptr %442, i64 40
  %455 = load i32, ptr %454, align 8, !tbaa !39
  %456 = icmp slt i32 %445, %455
  br i1 %456, label %502, label %457

457:                                              ; preds = %453, %451
  %458 = getelementptr inbounds i8, ptr %443, i64 60
  %459 = load i32, ptr %458, align 4, !tbaa !43
  %460 = icmp eq i32 %459, 0
  br i1 %460, label %469, label %461

461:                                              ; preds = %457
  %462 = getelementptr inbounds i8, ptr %443, i64 56
  %463 = load i32, ptr %462, align 8, !tbaa !44
  %464 = add nsw i32 %463, -1
  %465 = sext i32 %464 to i64
  %466 = and i64 %417, %465
  %467 = icmp ne i64 %466, 0
  %468 = select i1 %467, i1 %439, i1 false
  br label %469

469:                                              ; preds = %461, %457
  %470 = phi i1 [ false, %457 ], [ %468, %461 ]
  %471 = zext i1 %470 to i32
  %472 = getelementptr inbounds i8, ptr %443, i64 48
  %473 = load i32, ptr %472, align 8, !tbaa !45
  %474 = icmp eq i32 %473, %471
  br i1 %474, label %475, label %496

475:                                              ; preds = %469
  %476 = getelementptr inbounds i8, ptr %443, i64 64
  %477 = load i32, ptr %476, align 8, !tbaa !7
  %478 = icmp eq i32 %477, 0
  %479 = select i1 %478, i1 true, i1 %426
  %480 = select i1 %479, i1 true, i1 %434
  %481 = select i1 %480, i1 true, i1 %430
  %482 = select i1 %478, ptr %443, ptr %442
  br i1 %481, label %496, label %483

483:                                              ; preds = %475
  %484 = sext i32 %477 to i64
  %485 = icmp eq i64 %417, %484
  br i1 %485, label %486, label %496

486:                                              ; preds = %483
  %487 = getelementptr inbounds i8, ptr %443, i64 68
  %488 = load i32, ptr %487, align 4, !tbaa !7
  %489 = sext i32 %488 to i64
  %490 = icmp eq i64 %416, %489
  br i1 %490, label %491, label %496

491:                                              ; preds = %486
  %492 = getelementptr inbounds i8, ptr %443, i64 72
  %493 = load i32, ptr %492, align 8, !tbaa !7
  %494 = sext i32 %493 to i64
  %495 = icmp eq i64 %415, %494
  br i1 %495, label %502, label %496

496:                                              ; preds = %491, %486, %483, %475, %469, %447, %440
  %497 = phi ptr [ %442, %491 ], [ %482, %475 ], [ %442, %483 ], [ %442, %486 ], [ %442, %469 ], [ %442, %440 ], [ %442, %447 ]
  %498 = add nuw nsw i64 %441, 1
  %499 = icmp eq i64 %498, %437
  br i1 %499, label %500, label %440, !llvm.loop !46

500:                                              ; preds = %496
  %501 = icmp eq ptr %497, null
  br i1 %501, label %756, label %502

502:                                              ; preds = %491, %453, %500
  %503 = phi ptr [ %497, %500 ], [ %442, %453 ], [ %443, %491 ]
  %504 = icmp eq i64 %427, 0
  %505 = icmp eq i64 %431, 0
  %506 = select i1 %504, i1 true, i1 %505
  %507 = icmp eq i64 %423, 0
  %508 = select i1 %506, i1 true, i1 %507
  br i1 %508, label %756, label %509

509:                                              ; preds = %502
  call void @llvm.lifetime.start.p0(i64 72, ptr nonnull %6) #13
  call void @llvm.experimental.noalias.scope.decl(metadata !47)
  call void @llvm.memcpy.p0.p0.i64(ptr noundef nonnull align 8 dereferenceable(72) %6, ptr noundef nonnull readonly align 8 dereferenceable(72) %1, i64 72, i1 false), !tbaa.struct !50
  %510 = getelementptr inbounds i8, ptr %503, i64 80
  %511 = load i32, ptr %510, align 8, !tbaa !51, !noalias !47
  %512 = icmp eq i32 %511, 3
  %513 = select i1 %512, i32 2, i32 %511
  %514 = zext i1 %512 to i64
  %515 = getelementptr inbounds i64, ptr %6, i64 %514
  %516 = load i64, ptr %515, align 8, !tbaa !3, !alias.scope !47
  %517 = sext i32 %513 to i64
  %518 = getelementptr inbounds i64, ptr %6, i64 %517
  %519 = load i64, ptr %518, align 8, !tbaa !3, !alias.scope !47
  store i64 %519, ptr %515, align 8, !tbaa !3, !alias.scope !47
  store i64 %516, ptr %518, align 8, !tbaa !3, !alias.scope !47
  %520 = getelementptr inbounds i8, ptr %6, i64 24
  %521 = getelementptr inbounds i64, ptr %520, i64 %514
  %522 = load i64, ptr %521, align 8, !tbaa !3, !alias.scope !47
  %523 = getelementptr inbounds i64, ptr %520, i64 %517
  %524 = load i64, ptr %523, align 8, !tbaa !3, !alias.scope !47
  store i64 %524, ptr %521, align 8, !tbaa !3, !alias.scope !47
  store i64 %522, ptr %523, align 8, !tbaa !3, !alias.scope !47
  %525 = getelementptr inbounds i8, ptr %6, i64 48
  %526 = getelementptr inbounds i64, ptr %525, i64 %514
  %527 = load i64, ptr %526, align 8, !tbaa !3, !alias.scope !47
  %528 = getelementptr inbounds i64, ptr %525, i64 %517
  %529 = load i64, ptr %528, align 8, !tbaa !3, !alias.scope !47
  store i64 %529, ptr %526, align 8, !tbaa !3, !alias.scope !47
  store i64 %527, ptr %528, align 8, !tbaa !3, !alias.scope !47
  %530 = getelementptr inbounds i8, ptr %503, i64 8
  %531 = load double, ptr %530, align 8, !tbaa !52
  %532 = getelementptr inbounds i8, ptr %503, i64 92
  %533 = load i32, ptr %532, align 4, !tbaa !53
  %534 = icmp sgt i32 %533, -1
  br i1 %534, label %535, label %544

535:                                              ; preds = %509
  %536 = getelementptr inbounds i8, ptr %503, i64 104
  %537 = load double, ptr %536, align 8, !tbaa !54
  %538 = zext nneg i32 %533 to i64
  %539 = getelementptr inbounds i64, ptr %14, i64 %538
  %540 = load i64, ptr %539, align 8, !tbaa !3
  %541 = sitofp i64 %540 to double
  %542 = fadd double %541, -1.600000e+01
  %543 = call double @llvm.fmuladd.f64(double %537, double %542, double %531)
  br label %544

544:                                              ; preds = %535, %509
  %545 = phi double [ %543, %535 ], [ %531, %509 ]
  %546 = fcmp ogt double %545, 1.000000e-02
  %547 = select i1 %546, double %545, double 1.000000e-02
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %7) #13
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %7, ptr noundef nonnull readonly %503, double noundef %547, ptr noundef nonnull %6, i64 noundef 1) #14
  %548 = getelementptr inbounds i8, ptr %7, i64 28
  %549 = load i32, ptr %548, align 4, !tbaa !55
  %550 = icmp eq i32 %549, 0
  br i1 %550, label %551, label %645

551:                                              ; preds = %544
  %552 = load ptr, ptr @others, align 8, !tbaa !9
  %553 = icmp eq ptr %552, null
  br i1 %553, label %556, label %554

554:                                              ; preds = %551
  %555 = load i64, ptr @others_workers, align 8, !tbaa !3
  br label %641

556:                                              ; preds = %551
  %557 = cmpxchg ptr @state, i32 0, i32 1 acq_rel acquire, align 4
  %558 = extractvalue { i32, i1 } %557, 1
  br i1 %558, label %559, label %636

559:                                              ; preds = %556
  %560 = load i32, ptr @wanted, align 4, !tbaa !7
  %561 = icmp sgt i32 %560, 0
  br i1 %561, label %562, label %564

562:                                              ; preds = %559
  %563 = zext nneg i32 %560 to i64
  br label %603

564:                                              ; preds = %559
  %565 = call ptr @getenv(ptr noundef nonnull @.str.9) #12
  %566 = icmp eq ptr %565, null
  br i1 %566, label %588, label %567

567:                                              ; preds = %564
  %568 = load i8, ptr %565, align 1, !tbaa !33
  %569 = icmp sgt i8 %568, 47
  br i1 %569, label %570, label %588

570:                                              ; preds = %567, %577
  %571 = phi i8 [ %583, %577 ], [ %568, %567 ]
  %572 = phi ptr [ %579, %577 ], [ %565, %567 ]
  %573 = phi i64 [ %582, %577 ], [ 0, %567 ]
  %574 = icmp ult i8 %571, 58
  %575 = icmp slt i64 %573, 1024
  %576 = select i1 %574, i1 %575, i1 false
  br i1 %576, label %577, label %585

577:                                              ; preds = %570
  %578 = mul nsw i64 %573, 10
  %579 = getelementptr inbounds i8, ptr %572, i64 1
  %580 = add nsw i8 %571, -48
  %581 = zext nneg i8 %580 to i64
  %582 = add nsw i64 %578, %581
  %583 = load i8, ptr %579, align 1, !tbaa !33
  %584 = icmp sgt i8 %583, 47
  br i1 %584, label %570, label %585

585:                                              ; preds = %577, %570
  %586 = phi i64 [ %582, %577 ], [ %573, %570 ]
  %587 = icmp sgt i64 %586, 0
  br i1 %587, label %603, label %588

588:                                              ; preds = %585, %567, %564
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %5) #13
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 16 dereferenceable(1024) %5, i8 0, i64 1024, i1 false)
  %589 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %5) #12
  %590 = icmp sgt i32 %589, -1
  br i1 %590, label %591, label %600

591:                                              ; preds = %588, %591
  %592 = phi i64 [ %598, %591 ], [ 0, %588 ]
  %593 = phi i64 [ %597, %591 ], [ 0, %588 ]
  %594 = getelementptr inbounds [128 x i64], ptr %5, i64 0, i64 %592
  %595 = load i64, ptr %594, align 8, !tbaa !3
  %596 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %595)
  %597 = add nuw nsw i64 %596, %593
  %598 = add nuw nsw i64 %592, 1
  %599 = icmp eq i64 %598, 128
  br i1 %599, label %600, label %591, !llvm.loop !57

600:                                              ; preds = %591, %588
  %601 = phi i64 [ 0, %588 ], [ %597, %591 ]
  %602 = call i64 @llvm.smax.i64(i64 %601, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %5) #13
  br label %603

603:                                              ; preds = %600, %585, %562
  %604 = phi i64 [ %563, %562 ], [ %602, %600 ], [ %586, %585 ]
  %605 = call i64 @llvm.umin.i64(i64 %604, i64 1024)
  %606 = icmp ugt i64 %604, 1
  br i1 %606, label %609, label %607

607:                                              ; preds = %603
  %608 = load i64, ptr @started, align 8, !tbaa !3
  br label %632

609:                                              ; preds = %603
  %610 = load i1, ptr @workers.registered, align 4
  br i1 %610, label %613, label %611

611:                                              ; preds = %609
  store i1 true, ptr @workers.registered, align 4
  %612 = call i32 @__register_atfork(ptr noundef null, ptr noundef null, ptr noundef nonnull @without_pool, ptr noundef null) #12
  br label %613

613:                                              ; preds = %611, %609
  %614 = add nsw i64 %605, -1
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %4) #13
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 16 dereferenceable(1024) %4, i8 0, i64 1024, i1 false)
  %615 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %4) #12
  %616 = icmp sgt i32 %615, -1
  br i1 %616, label %617, label %626

617:                                              ; preds = %613, %617
  %618 = phi i64 [ %624, %617 ], [ 0, %613 ]
  %619 = phi i64 [ %623, %617 ], [ 0, %613 ]
  %620 = getelementptr inbounds [128 x i64], ptr %4, i64 0, i64 %618
  %621 = load i64, ptr %620, align 8, !tbaa !3
  %622 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %621)
  %623 = add nuw nsw i64 %622, %619
  %624 = add nuw nsw i64 %618, 1
  %625 = icmp eq i64 %624, 128
  br i1 %625, label %626, label %617, !llvm.loop !57

626:                                              ; preds = %617, %613
  %627 = phi i64 [ 0, %613 ], [ %623, %617 ]
  %628 = call i64 @llvm.smax.i64(i64 %627, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %4) #13
  %629 = icmp ugt i64 %605, %628
  %630 = select i1 %629, i32 20, i32 10000
  %631 = call i64 @kdsl_pool_start(ptr noundef nonnull @handles, i64 noundef %614, i32 noundef %630) #12
  store i64 %631, ptr @started, align 8, !tbaa !3
  br label %632

632:                                              ; preds = %626, %607
  %633 = phi i64 [ %608, %607 ], [ %631, %626 ]
  %634 = icmp eq i64 %633, 0
  %635 = select i1 %634, i32 3, i32 2
  store atomic i32 %635, ptr @state release, align 4
  br label %636

636:                                              ; preds = %632, %556
  %637 = load atomic i32, ptr @state acquire, align 4
  %638 = icmp eq i32 %637, 2
  %639 = load i64, ptr @started, align 8
  %640 = add nsw i64 %639, 1
  br i1 %638, label %641, label %645

641:                                              ; preds = %636, %554
  %642 = phi i64 [ %555, %554 ], [ %640, %636 ]
  %643 = icmp sgt i64 %642, 1
  br i1 %643, label %644, label %645

644:                                              ; preds = %641
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %7, ptr noundef readonly %503, double noundef %547, ptr noundef nonnull %6, i64 noundef %642) #14
  br label %645

645:                                              ; preds = %644, %641, %636, %544
  %646 = phi i64 [ 1, %544 ], [ %642, %644 ], [ %642, %641 ], [ 1, %636 ]
  call void @llvm.lifetime.start.p0(i64 128, ptr nonnull %8) #13
  %647 = load i64, ptr %6, align 8, !tbaa !3
  store i64 %647, ptr %8, align 16, !tbaa !3
  %648 = getelementptr inbounds i8, ptr %8, i64 8
  %649 = getelementptr inbounds i8, ptr %6, i64 8
  %650 = load i64, ptr %649, align 8, !tbaa !3
  store i64 %650, ptr %648, align 8, !tbaa !3
  %651 = getelementptr inbounds i8, ptr %8, i64 16
  %652 = getelementptr inbounds i8, ptr %6, i64 16
  %653 = load i64, ptr %652, align 8, !tbaa !3
  store i64 %653, ptr %651, align 16, !tbaa !3
  %654 = getelementptr inbounds i8, ptr %8, i64 24
  %655 = load i64, ptr %520, align 8, !tbaa !3
  store i64 %655, ptr %654, align 8, !tbaa !3
  %656 = getelementptr inbounds i8, ptr %8, i64 32
  %657 = getelementptr inbounds i8, ptr %6, i64 32
  %658 = load i64, ptr %657, align 8, !tbaa !3
  store i64 %658, ptr %656, align 16, !tbaa !3
  %659 = getelementptr inbounds i8, ptr %8, i64 40
  %660 = getelementptr inbounds i8, ptr %6, i64 40
  %661 = load i64, ptr %660, align 8, !tbaa !3
  store i64 %661, ptr %659, align 8, !tbaa !3
  %662 = getelementptr inbounds i8, ptr %8, i64 48
  %663 = load i64, ptr %525, align 8, !tbaa !3
  store i64 %663, ptr %662, align 16, !tbaa !3
  %664 = getelementptr inbounds i8, ptr %8, i64 56
  %665 = getelementptr inbounds i8, ptr %6, i64 56
  %666 = load i64, ptr %665, align 8, !tbaa !3
  store i64 %666, ptr %664, align 8, !tbaa !3
  %667 = getelementptr inbounds i8, ptr %8, i64 64
  %668 = getelementptr inbounds i8, ptr %6, i64 64
  %669 = load i64, ptr %668, align 8, !tbaa !3
  store i64 %669, ptr %667, align 16, !tbaa !3
  %670 = getelementptr inbounds i8, ptr %8, i64 72
  %671 = getelementptr inbounds i8, ptr %7, i64 16
  %672 = load i64, ptr %671, align 8, !tbaa !58
  store i64 %672, ptr %670, align 8, !tbaa !3
  %673 = getelementptr inbounds i8, ptr %8, i64 80
  store i64 0, ptr %673, align 16, !tbaa !3
  %674 = getelementptr inbounds i8, ptr %8, i64 88
  store i64 0, ptr %674, align 8, !tbaa !3
  %675 = getelementptr inbounds i8, ptr %8, i64 96
  store i64 0, ptr %675, align 16, !tbaa !3
  %676 = getelementptr inbounds i8, ptr %8, i64 104
  %677 = getelementptr inbounds i8, ptr %7, i64 32
  %678 = load i32, ptr %677, align 8, !tbaa !59
  %679 = sext i32 %678 to i64
  store i64 %679, ptr %676, align 8, !tbaa !3
  %680 = getelementptr inbounds i8, ptr %8, i64 112
  store i64 0, ptr %680, align 16, !tbaa !3
  %681 = getelementptr inbounds i8, ptr %8, i64 120
  store i64 0, ptr %681, align 8, !tbaa !3
  %682 = getelementptr inbounds i8, ptr %503, i64 16
  %683 = load i64, ptr %682, align 8, !tbaa !60
  %684 = icmp eq i64 %683, 0
  %685 = getelementptr inbounds i8, ptr %503, i64 24
  %686 = load i64, ptr %685, align 8, !tbaa !61
  %687 = icmp eq i64 %686, 0
  %688 = select i1 %684, i1 %687, i1 false
  br i1 %688, label %689, label %692

689:                                              ; preds = %645
  %690 = getelementptr inbounds i8, ptr %7, i64 24
  %691 = load i32, ptr %690, align 8, !tbaa !62
  br label %716

692:                                              ; preds = %645
  %693 = getelementptr inbounds i8, ptr %503, i64 56
  %694 = load i32, ptr %693, align 8, !tbaa !44
  %695 = sext i32 %694 to i64
  %696 = add i64 %655, -1
  %697 = add i64 %696, %695
  %698 = sub nsw i64 0, %695
  %699 = and i64 %697, %698
  %700 = add i64 %683, 63
  %701 = mul i64 %661, %658
  %702 = mul i64 %701, %686
  %703 = mul i64 %702, %699
  %704 = or i64 %700, 63
  %705 = add i64 %703, %704
  %706 = and i64 %705, -64
  %707 = getelementptr inbounds i8, ptr %7, i64 24
  %708 = load i32, ptr %707, align 8, !tbaa !62
  %709 = icmp eq i32 %708, 0
  %710 = select i1 %709, i64 1, i64 %646
  %711 = mul nsw i64 %706, %710
  %712 = call ptr @aligned_alloc(i64 noundef 64, i64 noundef %711) #12
  %713 = icmp eq ptr %712, null
  br i1 %713, label %754, label %714

714:                                              ; preds = %692
  %715 = ptrtoint ptr %712 to i64
  store i64 %715, ptr %673, align 16, !tbaa !3
  store i64 %706, ptr %674, align 8, !tbaa !3
  br label %716

716:                                              ; preds = %714, %689
  %717 = phi i32 [ %708, %714 ], [ %691, %689 ]
  %718 = phi ptr [ %712, %714 ], [ null, %689 ]
  %719 = icmp ne i32 %717, 0
  %720 = load ptr, ptr @others, align 8
  %721 = icmp ne ptr %720, null
  %722 = select i1 %719, i1 %721, i1 false
  br i1 %722, label %723, label %736

723:                                              ; preds = %716
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %9) #13
  %724 = load ptr, ptr %503, align 8, !tbaa !63
  store ptr %724, ptr %9, align 8, !tbaa !64
  %725 = getelementptr inbounds i8, ptr %9, i64 8
  store ptr %14, ptr %725, align 8, !tbaa !66
  %726 = getelementptr inbounds i8, ptr %9, i64 16
  store ptr %8, ptr %726, align 8, !tbaa !67
  %727 = getelementptr inbounds i8, ptr %9, i64 24
  %728 = load i64, ptr %7, align 8, !tbaa !68
  store i64 %728, ptr %727, align 8, !tbaa !69
  %729 = getelementptr inbounds i8, ptr %9, i64 32
  %730 = getelementptr inbounds i8, ptr %7, i64 8
  %731 = load i64, ptr %730, align 8, !tbaa !70
  store i64 %731, ptr %729, align 8, !tbaa !71
  %732 = load ptr, ptr @others_context, align 8, !tbaa !9
  %733 = add i64 %728, -1
  %734 = add i64 %733, %731
  %735 = sdiv i64 %734, %731
  call void %720(ptr noundef %732, ptr noundef nonnull @piece, ptr noundef nonnull %9, i64 noundef %735) #12
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %9) #13
  br label %751

736:                                              ; preds = %716
  %737 = load i64, ptr %7, align 8, !tbaa !68
  br i1 %719, label %738, label %749

738:                                              ; preds = %736
  %739 = load ptr, ptr %503, align 8, !tbaa !63
  %740 = getelementptr inbounds i8, ptr %503, i64 84
  %741 = load i32, ptr %740, align 4, !tbaa !72
  %742 = icmp eq i32 %741, 0
  %743 = getelementptr inbounds i8, ptr %7, i64 8
  %744 = load i64, ptr %743, align 8
  %745 = sub nsw i64 0, %744
  %746 = select i1 %742, i64 %744, i64 %745
  %747 = call i64 @kdsl_pool_run(ptr noundef %739, ptr noundef nonnull %14, ptr noundef nonnull %8, i64 noundef %737, i64 noundef %746) #12
  %748 = icmp eq i64 %747, 0
  br i1 %748, label %749, label %751

749:                                              ; preds = %738, %736
  %750 = load ptr, ptr %503, align 8, !tbaa !63
  call void %750(ptr noundef nonnull %14, ptr noundef nonnull %8, i64 noundef 0, i64 noundef %737, i64 noundef 0) #12
  br label %751

751:                                              ; preds = %749, %738, %723
  %752 = icmp eq ptr %718, null
  br i1 %752, label %754, label %753

753:                                              ; preds = %751
  call void @free(ptr noundef nonnull %718) #12
  br label %754

754:                                              ; preds = %692, %751, %753
  %755 = phi i32 [ 0, %753 ], [ 0, %751 ], [ 6, %692 ]
  call void @llvm.lifetime.end.p0(i64 128, ptr nonnull %8) #13
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %7) #13
  call void @llvm.lifetime.end.p0(i64 72, ptr nonnull %6) #13
  br label %756

756:                                              ; preds = %364, %414, %75, %16, %84, %79, %25, %34, %38, %44, %50, %59, %63, %69, %360, %266, %754, %500, %502, %90, %3
  %757 = phi i32 [ %369, %364 ], [ 1, %3 ], [ 2, %90 ], [ %755, %754 ], [ 7, %500 ], [ 0, %502 ], [ %269, %266 ], [ %363, %360 ], [ 2, %69 ], [ 2, %63 ], [ 2, %59 ], [ 2, %50 ], [ 2, %44 ], [ 2, %38 ], [ 2, %34 ], [ 2, %25 ], [ 2, %79 ], [ 2, %84 ], [ 2, %16 ], [ 2, %75 ], [ 7, %414 ]
  call void @llvm.lifetime.end.p0(i64 4096, ptr nonnull %14) #13
  ret i32 %757
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(none)
define ptr @KDSL_error_text(i32 noundef %0) local_unnamed_addr #4 {
  %2 = and i32 %0, 255
  %3 = icmp ult i32 %2, 8
  br i1 %3, label %4, label %8

4:                                                ; preds = %1
  %5 = zext nneg i32 %2 to i64
  %6 = shl i64 %5, 2
  %7 = call ptr @llvm.load.relative.i64(ptr @KDSL_error_text.texts.rel, i64 %6)
  br label %8

8:                                                ; preds = %1, %4
  %9 = phi ptr [ %7, %4 ], [ @.str.8, %1 ]
  ret ptr %9
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare { i64, i1 } @llvm.smul.with.overflow.i64(i64, i64) #5

declare void @kdsl_cpuid(i32 noundef, i32 noundef, ptr noundef) local_unnamed_addr #2

declare i64 @kdsl_xgetbv() local_unnamed_addr #2

; Function Attrs: nounwind
define internal fastcc void @make_plan(ptr dead_on_unwind noalias nocapture writable writeonly sret(%struct.Plan) align 8 %0, ptr nocapture noundef readonly %1, double noundef %2, ptr nocapture noundef readonly %3, i64 noundef %4) unnamed_addr #0 {
  %6 = getelementptr inbounds i8, ptr %3, i64 48
  %7 = load i64, ptr %6, align 8, !tbaa !3
  %8 = getelementptr inbounds i8, ptr %3, i64 56
  %9 = load i64, ptr %8, align 8, !tbaa !3
  %10 = getelementptr inbounds i8, ptr %3, i64 64
  %11 = load i64, ptr %10, align 8, !tbaa !3
  %12 = mul nsw i64 %11, %9
  %13 = mul nsw i64 %12, %7
  %14 = getelementptr inbounds i8, ptr %0, i64 8
  %15 = getelementptr inbounds i8, ptr %0, i64 16
  %16 = getelementptr inbounds i8, ptr %1, i64 56
  %17 = load i32, ptr %16, align 8, !tbaa !44
  %18 = sext i32 %17 to i64
  store i64 %18, ptr %15, align 8, !tbaa !58
  %19 = getelementptr inbounds i8, ptr %0, i64 24
  store i32 0, ptr %19, align 8, !tbaa !62
  %20 = getelementptr inbounds i8, ptr %0, i64 28
  %21 = sitofp i64 %13 to double
  %22 = fmul double %21, %2
  %23 = fcmp olt double %22, 1.500000e+04
  %24 = zext i1 %23 to i32
  store i32 %24, ptr %20, align 4, !tbaa !55
  %25 = getelementptr inbounds i8, ptr %0, i64 32
  %26 = icmp eq i64 %4, 1
  %27 = or i1 %26, %23
  %28 = getelementptr inbounds i8, ptr %1, i64 96
  %29 = load i32, ptr %28, align 8, !tbaa !73
  %30 = icmp eq i32 %29, 0
  br i1 %30, label %31, label %46

31:                                               ; preds = %5
  %32 = getelementptr inbounds i8, ptr %1, i64 32
  %33 = load i64, ptr %32, align 8, !tbaa !74
  %34 = icmp eq i64 %33, 0
  br i1 %34, label %46, label %35

35:                                               ; preds = %31
  %36 = mul nsw i64 %33, %7
  %37 = icmp sgt i64 %36, 4095
  br i1 %37, label %38, label %46

38:                                               ; preds = %35
  %39 = mul nsw i64 %36, %12
  %40 = tail call i64 @sysconf(i32 noundef 194) #12
  %41 = icmp sgt i64 %40, 0
  %42 = sdiv i64 %40, 2
  %43 = select i1 %41, i64 %42, i64 16777216
  %44 = icmp sgt i64 %39, %43
  %45 = zext i1 %44 to i32
  br label %46

46:                                               ; preds = %5, %31, %35, %38
  %47 = phi i32 [ 1, %5 ], [ 0, %31 ], [ 0, %35 ], [ %45, %38 ]
  store i32 %47, ptr %25, align 8, !tbaa !59
  %48 = uitofp nneg i64 %4 to double
  %49 = getelementptr inbounds i8, ptr %1, i64 88
  %50 = load i32, ptr %49, align 8, !tbaa !75
  %51 = fdiv double 2.000000e+05, %2
  %52 = fmul double %48, 1.600000e+01
  %53 = fdiv double %21, %52
  %54 = icmp eq i32 %50, 0
  br i1 %54, label %63, label %55

55:                                               ; preds = %46
  %56 = sitofp i32 %50 to double
  %57 = fmul double %56, 1.000000e+01
  %58 = fmul double %57, 4.000000e+00
  %59 = fdiv double %58, %2
  %60 = fcmp ogt double %53, %59
  %61 = select i1 %60, double %53, double %59
  %62 = fdiv double %21, %48
  br label %63

63:                                               ; preds = %46, %55
  %64 = phi double [ %61, %55 ], [ %53, %46 ]
  %65 = phi double [ %62, %55 ], [ %51, %46 ]
  %66 = fdiv double 1.000000e+04, %2
  %67 = fcmp olt double %64, %65
  %68 = select i1 %67, double %64, double %65
  %69 = fcmp ogt double %66, %68
  %70 = select i1 %69, double %66, double %68
  %71 = getelementptr inbounds i8, ptr %1, i64 52
  %72 = load i32, ptr %71, align 4, !tbaa !76
  %73 = icmp eq i32 %72, 0
  br i1 %73, label %74, label %108

74:                                               ; preds = %63
  %75 = getelementptr inbounds i8, ptr %3, i64 24
  %76 = load i64, ptr %75, align 8, !tbaa !3
  %77 = getelementptr inbounds i8, ptr %3, i64 32
  %78 = load i64, ptr %77, align 8, !tbaa !3
  %79 = mul nsw i64 %78, %76
  %80 = getelementptr inbounds i8, ptr %3, i64 40
  %81 = load i64, ptr %80, align 8, !tbaa !3
  %82 = mul nsw i64 %79, %81
  %83 = load i64, ptr %3, align 8, !tbaa !3
  %84 = getelementptr inbounds i8, ptr %3, i64 8
  %85 = load i64, ptr %84, align 8, !tbaa !3
  %86 = mul nsw i64 %85, %83
  %87 = getelementptr inbounds i8, ptr %3, i64 16
  %88 = load i64, ptr %87, align 8, !tbaa !3
  %89 = mul nsw i64 %86, %88
  store i64 %89, ptr %0, align 8, !tbaa !68
  %90 = sitofp i64 %82 to double
  %91 = fdiv double %70, %90
  %92 = fptosi double %91 to i64
  %93 = add i64 %4, -1
  %94 = add i64 %93, %89
  %95 = sdiv i64 %94, %4
  %96 = getelementptr inbounds i8, ptr %1, i64 76
  %97 = load i32, ptr %96, align 4, !tbaa !77
  %98 = sext i32 %97 to i64
  %99 = tail call i64 @llvm.smin.i64(i64 %95, i64 %98)
  %100 = icmp slt i64 %92, 1
  %101 = tail call i64 @llvm.smin.i64(i64 %89, i64 %92)
  %102 = select i1 %100, i64 1, i64 %101
  %103 = tail call i64 @llvm.smax.i64(i64 %99, i64 %102)
  store i64 %103, ptr %14, align 8, !tbaa !70
  %104 = icmp sgt i64 %89, %103
  %105 = xor i1 %27, true
  %106 = select i1 %105, i1 %104, i1 false
  %107 = zext i1 %106 to i32
  store i32 %107, ptr %19, align 8, !tbaa !62
  br label %188

108:                                              ; preds = %63
  %109 = load i32, ptr %16, align 8, !tbaa !44
  %110 = sext i32 %109 to i64
  %111 = add i64 %7, -1
  %112 = add i64 %111, %110
  %113 = sub nsw i64 0, %110
  %114 = and i64 %112, %113
  %115 = load i64, ptr %8, align 8, !tbaa !3
  %116 = getelementptr inbounds i8, ptr %1, i64 76
  %117 = load i32, ptr %116, align 4, !tbaa !77
  %118 = sext i32 %117 to i64
  %119 = add i64 %115, -1
  %120 = add i64 %119, %118
  %121 = sdiv i64 %120, %118
  %122 = load i64, ptr %10, align 8, !tbaa !3
  %123 = mul nsw i64 %122, %121
  br i1 %27, label %124, label %125

124:                                              ; preds = %108
  store i64 %123, ptr %14, align 8, !tbaa !70
  store i64 %123, ptr %0, align 8, !tbaa !68
  store i64 %114, ptr %15, align 8, !tbaa !58
  br label %188

125:                                              ; preds = %108
  %126 = sitofp i32 %117 to double
  %127 = fdiv double %70, %126
  %128 = fcmp olt double %127, 6.553600e+04
  %129 = fptosi double %127 to i64
  %130 = tail call i64 @llvm.smin.i64(i64 %129, i64 65535)
  %131 = select i1 %128, i64 %130, i64 65535
  %132 = add i64 %131, %110
  %133 = and i64 %132, %113
  %134 = tail call i64 @llvm.smin.i64(i64 %133, i64 %114)
  %135 = add i64 %134, %111
  %136 = sdiv i64 %135, %134
  %137 = mul nsw i64 %136, %123
  %138 = shl nsw i64 %4, 4
  %139 = icmp sgt i64 %137, %138
  br i1 %139, label %177, label %140

140:                                              ; preds = %125
  %141 = shl nsw i64 %136, 1
  %142 = icmp sgt i64 %136, %141
  br i1 %142, label %177, label %143

143:                                              ; preds = %140
  %144 = add nsw i64 %110, -1
  %145 = add i64 %4, -1
  br label %146

146:                                              ; preds = %168, %143
  %147 = phi i64 [ %134, %143 ], [ %170, %168 ]
  %148 = phi i64 [ %136, %143 ], [ %171, %168 ]
  %149 = phi i64 [ -1, %143 ], [ %169, %168 ]
  %150 = add i64 %148, %111
  %151 = sdiv i64 %150, %148
  %152 = add i64 %144, %151
  %153 = and i64 %152, %113
  %154 = add i64 %153, %111
  %155 = sdiv i64 %154, %153
  %156 = mul nsw i64 %155, %123
  %157 = add i64 %145, %156
  %158 = sdiv i64 %157, %4
  %159 = mul nsw i64 %153, %158
  %160 = icmp slt i64 %149, 0
  %161 = icmp slt i64 %159, %149
  %162 = select i1 %160, i1 true, i1 %161
  br i1 %162, label %167, label %163

163:                                              ; preds = %146
  %164 = icmp eq i64 %159, %149
  %165 = icmp sgt i64 %153, %147
  %166 = select i1 %164, i1 %165, i1 false
  br i1 %166, label %167, label %168

167:                                              ; preds = %163, %146
  br label %168

168:                                              ; preds = %167, %163
  %169 = phi i64 [ %159, %167 ], [ %149, %163 ]
  %170 = phi i64 [ %153, %167 ], [ %147, %163 ]
  %171 = add i64 %148, 1
  %172 = icmp eq i64 %148, %141
  br i1 %172, label %173, label %146, !llvm.loop !78

173:                                              ; preds = %168
  %174 = add i64 %170, %111
  %175 = sdiv i64 %174, %170
  %176 = mul nsw i64 %175, %123
  br label %177

177:                                              ; preds = %173, %125, %140
  %178 = phi i64 [ %176, %173 ], [ %137, %125 ], [ %137, %140 ]
  %179 = phi i64 [ %170, %173 ], [ %134, %125 ], [ %134, %140 ]
  store i64 %179, ptr %15, align 8, !tbaa !58
  store i64 %178, ptr %0, align 8, !tbaa !68
  %180 = tail call i64 @llvm.smin.i64(i64 %179, i64 %7)
  %181 = mul nsw i64 %180, %118
  %182 = sitofp i64 %181 to double
  %183 = fdiv double %70, %182
  %184 = fptosi double %183 to i64
  %185 = tail call i64 @llvm.smax.i64(i64 %184, i64 1)
  store i64 %185, ptr %14, align 8, !tbaa !70
  %186 = icmp sgt i64 %178, %185
  %187 = zext i1 %186 to i32
  store i32 %187, ptr %19, align 8, !tbaa !62
  br label %188

188:                                              ; preds = %124, %177, %74
  ret void
}

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: readwrite)
declare void @llvm.memcpy.p0.p0.i64(ptr noalias nocapture writeonly, ptr noalias nocapture readonly, i64, i1 immarg) #6

declare ptr @aligned_alloc(i64 noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: nounwind
define internal void @piece(ptr nocapture noundef readonly %0, i64 noundef %1, i64 noundef %2, i64 noundef %3) #0 {
  %5 = getelementptr inbounds i8, ptr %0, i64 32
  %6 = load i64, ptr %5, align 8, !tbaa !71
  %7 = mul nsw i64 %6, %2
  %8 = load ptr, ptr %0, align 8, !tbaa !64
  %9 = getelementptr inbounds i8, ptr %0, i64 8
  %10 = load ptr, ptr %9, align 8, !tbaa !66
  %11 = getelementptr inbounds i8, ptr %0, i64 16
  %12 = load ptr, ptr %11, align 8, !tbaa !67
  %13 = getelementptr inbounds i8, ptr %0, i64 24
  %14 = load i64, ptr %13, align 8, !tbaa !69
  %15 = tail call i64 @llvm.smin.i64(i64 %7, i64 %14)
  %16 = mul nsw i64 %6, %1
  tail call void %8(ptr noundef %10, ptr noundef %12, i64 noundef %16, i64 noundef %15, i64 noundef %3) #12
  ret void
}

declare i64 @kdsl_pool_run(ptr noundef, ptr noundef, ptr noundef, i64 noundef, i64 noundef) local_unnamed_addr #2

declare void @free(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare double @llvm.fmuladd.f64(double, double, double) #5

declare i64 @sysconf(i32 noundef) local_unnamed_addr #2

declare i32 @__register_atfork(ptr noundef, ptr noundef, ptr noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none)
define internal void @without_pool() #7 {
  store atomic i32 3, ptr @state release, align 4
  store i64 0, ptr @started, align 8, !tbaa !3
  ret void
}

declare i64 @kdsl_pool_start(ptr noundef, i64 noundef, i32 noundef) local_unnamed_addr #2

declare ptr @getenv(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #8

declare i32 @sched_getaffinity(i32 noundef, i64 noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.ctpop.i64(i64) #5

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i32 @llvm.smax.i32(i32, i32) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smin.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smax.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.abs.i64(i64, i1 immarg) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umax.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umin.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: readwrite)
declare void @llvm.experimental.noalias.scope.decl(metadata) #10

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: read)
declare ptr @llvm.load.relative.i64(ptr, i64) #11

attributes #0 = { nounwind "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #3 = { mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #4 = { mustprogress nofree norecurse nosync nounwind willreturn memory(none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #5 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #6 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: readwrite) }
attributes #7 = { mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #8 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #9 = { nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #10 = { nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: readwrite) }
attributes #11 = { nocallback nofree nosync nounwind willreturn memory(argmem: read) }
attributes #12 = { nobuiltin nounwind "no-builtins" }
attributes #13 = { nounwind }
attributes #14 = { nobuiltin "no-builtins" }

!llvm.module.flags = !{!0, !1}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{!"Debian clang version 19.1.7 (3~deb12u1)"}
!3 = !{!4, !4, i64 0}
!4 = !{!"long", !5, i64 0}
!5 = !{!"omnipotent char", !6, i64 0}
!6 = !{!"Simple C/C++ TBAA"}
!7 = !{!8, !8, i64 0}
!8 = !{!"int", !5, i64 0}
!9 = !{!10, !10, i64 0}
!10 = !{!"any pointer", !5, i64 0}
!11 = !{!12, !8, i64 16}
!12 = !{!"", !10, i64 0, !10, i64 8, !8, i64 16, !8, i64 20}
!13 = !{!12, !10, i64 0}
!14 = !{!15, !8, i64 0}
!15 = !{!"", !8, i64 0, !8, i64 4, !8, i64 8, !8, i64 12, !8, i64 16, !8, i64 20}
!16 = !{!15, !8, i64 8}
!17 = !{!18, !10, i64 8}
!18 = !{!"", !10, i64 0, !10, i64 8, !10, i64 16}
!19 = !{!15, !8, i64 4}
!20 = distinct !{!20, !21}
!21 = !{!"llvm.loop.mustprogress"}
!22 = !{!18, !10, i64 16}
!23 = !{!18, !10, i64 0}
!24 = !{!15, !8, i64 16}
!25 = distinct !{!25, !21}
!26 = !{!15, !8, i64 12}
!27 = !{!15, !8, i64 20}
!28 = distinct !{!28, !21}
!29 = distinct !{!29, !21}
!30 = distinct !{!30, !31}
!31 = !{!"llvm.loop.unroll.disable"}
!32 = distinct !{!32, !21}
!33 = !{!5, !5, i64 0}
!34 = distinct !{!34, !21}
!35 = distinct !{!35, !31}
!36 = distinct !{!36, !21}
!37 = !{!12, !8, i64 20}
!38 = !{!12, !10, i64 8}
!39 = !{!40, !8, i64 40}
!40 = !{!"", !10, i64 0, !41, i64 8, !4, i64 16, !4, i64 24, !4, i64 32, !8, i64 40, !8, i64 44, !8, i64 48, !8, i64 52, !8, i64 56, !8, i64 60, !5, i64 64, !8, i64 76, !8, i64 80, !8, i64 84, !8, i64 88, !8, i64 92, !8, i64 96, !41, i64 104}
!41 = !{!"double", !5, i64 0}
!42 = !{!40, !8, i64 44}
!43 = !{!40, !8, i64 60}
!44 = !{!40, !8, i64 56}
!45 = !{!40, !8, i64 48}
!46 = distinct !{!46, !21}
!47 = !{!48}
!48 = distinct !{!48, !49, !"turned: argument 0"}
!49 = distinct !{!49, !"turned"}
!50 = !{i64 0, i64 24, !33, i64 24, i64 24, !33, i64 48, i64 24, !33}
!51 = !{!40, !8, i64 80}
!52 = !{!40, !41, i64 8}
!53 = !{!40, !8, i64 92}
!54 = !{!40, !41, i64 104}
!55 = !{!56, !8, i64 28}
!56 = !{!"", !4, i64 0, !4, i64 8, !4, i64 16, !8, i64 24, !8, i64 28, !8, i64 32}
!57 = distinct !{!57, !21}
!58 = !{!56, !4, i64 16}
!59 = !{!56, !8, i64 32}
!60 = !{!40, !4, i64 16}
!61 = !{!40, !4, i64 24}
!62 = !{!56, !8, i64 24}
!63 = !{!40, !10, i64 0}
!64 = !{!65, !10, i64 0}
!65 = !{!"", !10, i64 0, !10, i64 8, !10, i64 16, !4, i64 24, !4, i64 32}
!66 = !{!65, !10, i64 8}
!67 = !{!65, !10, i64 16}
!68 = !{!56, !4, i64 0}
!69 = !{!65, !4, i64 24}
!70 = !{!56, !4, i64 8}
!71 = !{!65, !4, i64 32}
!72 = !{!40, !8, i64 84}
!73 = !{!40, !8, i64 96}
!74 = !{!40, !4, i64 32}
!75 = !{!40, !8, i64 88}
!76 = !{!40, !8, i64 52}
!77 = !{!40, !8, i64 76}
!78 = distinct !{!78, !21}
